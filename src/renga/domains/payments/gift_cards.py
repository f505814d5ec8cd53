"""Use cases: issue a gift card, read one, say what is left of one."""

import msgspec

from renga.domains.payments.contract.errors import GiftCardNotFound
from renga.domains.payments.contract.events import GiftCardIssued
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, PAYING, READING_PAYMENTS
from renga.domains.payments.contract.wallets import GiftCard, NewGiftCard
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.gift_codes import code_digest, new_code
from renga.domains.payments.model import postings
from renga.domains.payments.model.checking import check_amount
from renga.domains.payments.once import once_of
from renga.domains.payments.ports.store import StoredGiftCard
from renga.domains.payments.recording import event_of
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money, exponent
from renga.kernel.once import Replay


async def issue_gift_card(
    dependencies: PaymentDependencies, caller: Caller, new: NewGiftCard, key: str | None, replay: Replay | None = None
) -> GiftCard:
    """Raises PaymentInvalid, UnknownCurrency, IdempotencyConflict."""
    caller.require(MANAGING_PAYMENTS)
    once = once_of(caller, "gift_card", key, new, replay)
    exponent(new.amount.currency)
    check_amount(new.amount.amount, "amount")
    now_ms, code = dependencies.clock.now_ms(), new_code()
    stored = StoredGiftCard(
        id=dependencies.new_id(), currency=new.amount.currency, initial=new.amount.amount, left=new.amount.amount,
        created_ms=now_ms,
    )  # fmt: skip
    fact = GiftCardIssued(gift_card_id=stored.id, amount=stored.initial, currency=stored.currency)
    answer = await dependencies.wallets.issue_gift_card(
        stored,
        code_digest(dependencies.secret, code),
        postings.gift_card_issued(stored.id, stored.initial, stored.currency),
        event_of(fact, stored.id, 1, now_ms=now_ms, new_id=dependencies.new_id),
        once,
        msgspec.json.encode(_view(stored, code)),
    )
    return msgspec.json.decode(answer, type=GiftCard)


async def read_gift_card(dependencies: PaymentDependencies, caller: Caller, identifier: str) -> GiftCard:
    """Raises GiftCardNotFound."""
    caller.require(READING_PAYMENTS, MANAGING_PAYMENTS)
    stored = await dependencies.wallets.gift_card(identifier)
    if stored is None:
        raise GiftCardNotFound(f"there is no gift card {identifier[:100]!r}")
    return _view(stored, None)


async def gift_card_balance(dependencies: PaymentDependencies, caller: Caller, code: str) -> Money:
    """Raises GiftCardNotFound."""
    caller.require(PAYING, READING_PAYMENTS)
    stored = await dependencies.wallets.gift_card_of_code(code_digest(dependencies.secret, code))
    if stored is None:
        raise GiftCardNotFound("there is no gift card with this code")
    return Money(stored.left, stored.currency)


def _view(card: StoredGiftCard, code: str | None) -> GiftCard:
    return GiftCard(
        id=card.id, initial=Money(card.initial, card.currency), left=Money(card.left, card.currency),
        created_at=rfc3339(card.created_ms), code=code,
    )  # fmt: skip
