"""Use case: make a payment. Every means is authorised, or none; with ``capture: now`` the money is taken."""

import hashlib
from collections.abc import Sequence

import msgspec

from renga.domains.payments import access
from renga.domains.payments.applying import record_facts
from renga.domains.payments.asking import note_replay
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract import events
from renga.domains.payments.contract.errors import (
    GiftCardNotFound,
    MethodUnavailable,
    PaymentInvalid,
    SavedMethodNotFound,
    TooManyAttempts,
)
from renga.domains.payments.contract.payments import CapturePolicy, NewMeans, NewPayment, Payment
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.gift_codes import code_digest
from renga.domains.payments.model import postings, shares
from renga.domains.payments.model.capture_moments import policy_of
from renga.domains.payments.model.checking import checked_payment
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.domains.payments.model.progress import Known
from renga.domains.payments.new_means import stored_means
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.store import PaymentKeyTaken, PaymentUnit, WholePayment
from renga.domains.payments.risk.check_velocity import check_velocity
from renga.domains.payments.views import payment_view
from renga.kernel.caller import Caller
from renga.kernel.once import IdempotencyConflict, Replay

_replace = msgspec.structs.replace


async def pay(
    dependencies: PaymentDependencies,
    caller: Caller,
    new: NewPayment,
    *,
    recurring: bool = False,
    replay: Replay | None = None,
) -> Payment:
    """The same key again: the payment of the first call as it is now, also while that call is under way.

    Raises PaymentInvalid, MethodUnavailable, IdempotencyConflict, GiftCardNotFound, SavedMethodNotFound,
    TooManyAttempts.
    """
    owner = access.payer(caller)
    wanted = checked_payment(new)
    key, fingerprint = payment_key(owner, new.key), _fingerprint(new, recurring)
    try:
        known, following = await _make(dependencies, owner, new, wanted, key, fingerprint, recurring)
    except PaymentKeyTaken:
        return await _earlier(dependencies, key, fingerprint, replay)
    except (MethodUnavailable, GiftCardNotFound, SavedMethodNotFound, PaymentInvalid, TooManyAttempts):
        # what was offered at the first call may be gone at the second
        if (earlier := await dependencies.store.payment_by_key(key)) is None:
            raise
        return _same(dependencies, earlier, fingerprint, replay)
    known = await carry_out(dependencies, known, following)
    return payment_view(known, dependencies.public_url)


def _policy(dependencies: PaymentDependencies, new: NewPayment) -> CapturePolicy:
    """Asked for, or the shop's."""
    return new.capture or policy_of(dependencies.settings.capture_moments(), [one.method for one in new.means])


def payment_key(owner: str, key: str) -> str:
    """Two owners may choose the same key."""
    return hashlib.sha256(f"{len(owner)}:{owner}:{key}".encode()).hexdigest()


def _fingerprint(new: NewPayment, recurring: bool) -> str:
    content = msgspec.json.encode([_replace(new, key=""), recurring])
    return hashlib.sha256(content).hexdigest()


async def _earlier(dependencies: PaymentDependencies, key: str, fingerprint: str, replay: Replay | None) -> Payment:
    earlier = await dependencies.store.payment_by_key(key)
    if earlier is None:
        raise RuntimeError("a payment is never deleted, and this one has gone")
    return _same(dependencies, earlier, fingerprint, replay)


def _same(dependencies: PaymentDependencies, earlier: WholePayment, fingerprint: str, replay: Replay | None) -> Payment:
    if earlier.payment.fingerprint != fingerprint:
        raise IdempotencyConflict()
    note_replay(replay)
    return payment_view(earlier, dependencies.public_url)


async def _make(
    dependencies: PaymentDependencies,
    owner: str,
    new: NewPayment,
    wanted: Sequence[NewMeans],
    key: str,
    fingerprint: str,
    recurring: bool,
) -> tuple[Known, tuple[str, ...]]:
    now_ms, currency, policy = dependencies.clock.now_ms(), new.amount.currency, _policy(dependencies, new)
    payment = StoredPayment(
        id=dependencies.new_id(), key=key, fingerprint=fingerprint, reference=new.reference, owner=owner,
        amount=new.amount.amount, currency=currency, capture=policy, state="created", version=0, created_ms=now_ms,
        updated_ms=now_ms, customer=new.payer.customer, payer=new.payer, return_url=new.return_url,
        shares=shares.stored_shares(new.shares, new.amount.amount),
    )  # fmt: skip
    means = await stored_means(dependencies, payment, wanted, recurring=recurring)
    codes = {one.id: asked.code for one, asked in zip(means, wanted, strict=True) if asked.code is not None}
    async with dependencies.store.new_unit(payment, means) as unit:
        if any(one.method == "card" for one in means):
            await check_velocity(dependencies, unit)
        methods = tuple(one.method for one in means)
        created = events.PaymentCreated(
            payment_id=payment.id,
            reference=payment.reference,
            amount=payment.amount,
            currency=currency,
            methods=methods,
        )
        record_facts(dependencies, unit, created)
        await _hold_all(dependencies, unit, codes)
        following = conclude(dependencies, unit, claimed=True)
    return known_of(unit), following


async def _hold_all(dependencies: PaymentDependencies, unit: PaymentUnit, codes: dict[str, str]) -> None:
    """Hold what gift cards and store credit pay, or decline. Gift cards are locked in the order of their digests."""
    digests = {means: code_digest(dependencies.secret, code) for means, code in codes.items()}
    if len(set(digests.values())) != len(digests):  # each of them would see all that is left
        raise PaymentInvalid("a gift card is used once in a payment, however its code is written", field="means")
    for means_id in sorted(digests, key=lambda one: digests[one]):
        card = await unit.hold_gift_card(digests[means_id])
        if card is None:
            raise GiftCardNotFound("there is no gift card with this code")
        means = _replace(unit.means[means_id], account=card.id)
        left = card.left if card.currency == unit.payment.currency else None
        _hold(unit, means, left)
    for means in list(unit.means.values()):
        if means.method == "store_credit" and means.account is not None:
            _hold(unit, means, await unit.hold_store_credit(means.account, unit.payment.currency))


def _hold(unit: PaymentUnit, means: StoredMeans, left: int | None) -> None:
    """``left`` None: the card is in another currency."""
    if left is None or left < means.amount:
        reason = "gift_card_invalid" if left is None else "balance_insufficient"
        unit.put_means(_replace(means, state="declined", reason=reason))
        return
    held = _replace(means, state="authorised", provider_ref=means.id)
    unit.put_means(held)
    unit.post(postings.held(unit.payment, held))
