"""Use case: place a checkout. Whoever calls runs the saga; a worker resumes what a dead process has left."""

import asyncio
import hashlib
import time
from datetime import timedelta
from typing import Any

import msgspec

from renga.domains.orders.access import found_checkout
from renga.domains.orders.change_checkout import show
from renga.domains.orders.contract import CheckoutBusy, QuoteChanged, Requirement
from renga.domains.orders.contract.errors import CheckoutIncomplete, NothingPlaced
from renga.domains.orders.contract.orders import PlaceCommand, Placement
from renga.domains.orders.dependencies import OrderDependencies
from renga.domains.orders.model.answers import raise_refusal
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.consent import settled
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.model.order_viewing import order_view
from renga.domains.orders.model.placing import GiftPart, Placing, hold_seconds
from renga.domains.orders.model.requirements import requirements_of
from renga.domains.orders.placing_saga import first_state
from renga.domains.orders.placing_services import AT_PAYMENTS
from renga.domains.orders.ports.orders import PlacingAttempt, PlacingOutcome
from renga.domains.orders.requote import requote
from renga.domains.orders.showing import TRIES_MAX, check_open
from renga.kernel.caller import Caller
from renga.kernel.clock import to_datetime
from renga.kernel.errors import Unavailable
from renga.kernel.once import IdempotencyConflict

#: Pauses between two looks at an attempt that somebody else works on.
LOOK_MIN_S, LOOK_MAX_S = 0.02, 0.25
#: An order that is placed is answered after this time, also if its cart is not completed yet.
PLACED_WAIT_S = 1.0

_TOKEN = Requirement(code="payment_token_required", path="$.payment.token")
_METHOD = Requirement(code="payment_method_required", path="$.payment.method")


async def place_order(
    dependencies: OrderDependencies, caller: Caller, checkout_id: str, command: PlaceCommand
) -> Placement:
    """Raises what ``contract.Orders.place`` says."""
    record = await found_checkout(dependencies, caller, checkout_id)
    key, fingerprint = _key(record, command), _fingerprint(command)
    # callers with the same key wait for the first; those with others are told at once that it is busy
    async with dependencies.turns.turn(f"{record.id} {command.key}"):
        attempt = await dependencies.orders.attempt_by_key(key)
        replayed = attempt is not None
        if attempt is None:
            attempt, claimed = await _begin(dependencies, caller, record, command, key, fingerprint)
        else:
            claimed = None
        if attempt.fingerprint != fingerprint:
            raise IdempotencyConflict()
        outcome = await _until_answered(dependencies, attempt, claimed, wait=command.wait)
    return _answer(outcome, replayed=replayed)


async def confirm_placement(dependencies: OrderDependencies, caller: Caller, checkout_id: str) -> Placement:
    """Raises what ``contract.Orders.confirm`` says."""
    record = await found_checkout(dependencies, caller, checkout_id)
    attempt = await dependencies.orders.last_attempt(record.id)
    if attempt is None:
        raise NothingPlaced()
    claimed = await dependencies.placings.claim(attempt.process_id) if attempt.state == "live" else None
    return _answer(await _until_answered(dependencies, attempt, claimed), replayed=False)


async def _begin(
    dependencies: OrderDependencies,
    caller: Caller,
    record: CheckoutRecord,
    command: PlaceCommand,
    key: bytes,
    fingerprint: bytes,
) -> tuple[PlacingAttempt, Any]:
    """A new attempt and its process, claimed; or the attempt that another process began with the same key."""
    for _ in range(TRIES_MAX):
        check_open(record, dependencies.clock.now_ms())
        quote = await _agreed_quote(dependencies, caller, record, command)
        if quote is not None:
            placing = await _placing(dependencies, record, quote, command)
            now_ms = placing.created_ms
            attempt = PlacingAttempt(
                id=placing.attempt_id, key=key, fingerprint=fingerprint, cart_id=record.cart_id, checkout_id=record.id,
                order_id=placing.order_id, process_id=0, state="live", created_ms=now_ms,
            )  # fmt: skip
            state = first_state(placing, command.request.payment.token)
            claimed = await dependencies.placings.begin(
                attempt, state, version=record.version, claimed_here=command.wait
            )
            if claimed is not None:
                return msgspec.structs.replace(attempt, process_id=claimed.id), claimed if command.wait else None
            if (other := await dependencies.orders.attempt_by_key(key)) is not None:
                return other, None
        record = await found_checkout(dependencies, caller, record.id)
    raise CheckoutBusy("an order of this cart is being placed, or other changes came in between")


async def _agreed_quote(
    dependencies: OrderDependencies, caller: Caller, record: CheckoutRecord, command: PlaceCommand
) -> FrozenQuote | None:
    """The quote to order by; None: look again. Raises QuoteChanged, CheckoutIncomplete."""
    before = None if record.quote_id is None else await dependencies.checkouts.quote(record.quote_id)
    _check_complete(dependencies, record, before, command)
    assert before is not None
    if command.request.quote_id != before.id:
        raise QuoteChanged("another quote was shown since", quote=before.quote)
    after = await requote(dependencies, caller, record, before)
    chosen, differences = settled(before, after, dependencies.clock.now_ms())
    if differences:
        if await show(dependencies, record, record.details, after) is None:
            return None
        raise QuoteChanged(quote=after.quote, changes=differences)
    return chosen


def _check_complete(
    dependencies: OrderDependencies, record: CheckoutRecord, quote: FrozenQuote | None, command: PlaceCommand
) -> None:
    """Raises CheckoutIncomplete."""
    settings = dependencies.settings
    missing = requirements_of(
        record.details, quote, tax_id_required=settings.tax_id_required, consents=settings.consents_required
    )
    by_gift = quote is not None and bool(quote.gift_cards)
    if by_gift:  # what they leave is known when their balances are read
        missing = tuple(one for one in missing if one.code != _METHOD.code)
    card = quote is not None and quote.payment_method == "card" and quote.quote.due.amount > 0
    if not missing and card and not by_gift and not command.request.payment.token:
        missing = (_TOKEN,)
    if missing:
        raise CheckoutIncomplete(requirements=missing)


async def _placing(
    dependencies: OrderDependencies, record: CheckoutRecord, quote: FrozenQuote, command: PlaceCommand
) -> Placing:
    """Raises CheckoutIncomplete if something has to pay what gift cards leave, and there is none."""
    settings, now_ms = dependencies.settings, dependencies.clock.now_ms()
    due_on = to_datetime(now_ms).date() + timedelta(days=settings.boleto_due_days)
    placing = Placing(
        attempt_id=dependencies.new_id(),
        order_id=dependencies.new_id(),
        checkout_id=record.id,
        cart_id=record.cart_id,
        created_ms=now_ms,
        hold_s=hold_seconds(quote.payment_method, now_ms, due_on, pix_life_s=settings.pix_life_s),
        quote=quote,
        address=command.address,
        return_url=f"{dependencies.public_url}/cart?checkout={record.id}",
        due_on=due_on.isoformat() if quote.payment_method == "boleto" else None,
    )
    placing = msgspec.structs.replace(placing, gift_cards=await _gift_parts(dependencies, placing))
    if placing.left > 0 and quote.payment_method is None:
        raise CheckoutIncomplete(requirements=(_METHOD,))
    if placing.left > 0 and quote.payment_method == "card" and not command.request.payment.token:
        raise CheckoutIncomplete(requirements=(_TOKEN,))
    return placing


async def _gift_parts(dependencies: OrderDependencies, placing: Placing) -> tuple[GiftPart, ...]:
    """What each gift card pays, in their order; one that has nothing left pays nothing."""
    left, parts = placing.due, []
    for code in placing.quote.gift_cards:
        if left <= 0:
            break
        balance = await dependencies.payments.gift_card_balance(AT_PAYMENTS, code)
        if balance.currency == placing.quote.quote.currency and balance.amount > 0:
            parts.append(GiftPart(code=code, amount=min(left, balance.amount)))
            left -= parts[-1].amount
    return tuple(parts)


async def _until_answered(
    dependencies: OrderDependencies, attempt: PlacingAttempt, claimed: Any, *, wait: bool = True
) -> PlacingOutcome:
    """Run it, or wait for whoever runs it, until there is an answer or it takes too long."""
    began, pause = time.monotonic(), LOOK_MIN_S
    while True:
        if claimed is not None:
            await dependencies.placings.run(claimed)
        found = await dependencies.orders.outcome(attempt.id)
        if found is None:
            raise Unavailable("something that an order needs is away; nothing was ordered")
        spent = time.monotonic() - began
        answered = found.attempt.state != "live" or found.attempt.answer is not None
        if answered or not wait or spent > (PLACED_WAIT_S if found.order else dependencies.answer_within_s):
            return found
        await asyncio.sleep(pause)
        pause = min(pause * 2, LOOK_MAX_S)
        claimed = await dependencies.placings.claim(attempt.process_id)


def _answer(found: PlacingOutcome, *, replayed: bool) -> Placement:
    """What callers with the attempt's key are told. Raises what it has failed with."""
    raise_refusal(found.attempt.answer)
    if found.order is not None:
        awaits = found.order.state == "awaiting_payment"
        view = order_view(found.order, found.notes, found.adjustments)
        return Placement(state="awaiting_payment" if awaits else "placed", order=view, replayed=replayed)
    url = (found.attempt.answer or {}).get("url")
    return Placement(state="processing" if url is None else "action_required", url=url, replayed=replayed)


def _key(record: CheckoutRecord, command: PlaceCommand) -> bytes:
    """A key belongs to its checkout, which only its owner reaches."""
    return hashlib.sha256(f"{record.id} {command.key}".encode()).digest()


def _fingerprint(command: PlaceCommand) -> bytes:
    return hashlib.sha256(msgspec.json.encode(command.request, order="deterministic")).digest()
