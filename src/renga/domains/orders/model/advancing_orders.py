"""How an order goes on: with its payment, by being cancelled, by late money. Pure: the record after it, and what to tell."""

from collections.abc import Iterable

import msgspec

from renga.domains.orders.contract.order_events import (
    OrderCancelled,
    OrderedLine,
    OrderFact,
    OrderHeldForReview,
    OrderPaid,
    OrderPlaced,
    OrderRevived,
)
from renga.domains.orders.contract.orders import CancelReason, OrderState
from renga.domains.orders.model.order_parts import parts_of
from renga.domains.orders.model.order_record import KeptAdjustment, OrderNote, OrderRecord, OrderStanding
from renga.domains.orders.model.order_states import moved, part_moved
from renga.domains.orders.model.paying import payment_state_of, shown_payment, standing_of
from renga.domains.orders.model.placing import Placing
from renga.domains.payments.contract.payments import Payment

_replace = msgspec.structs.replace


class OrderChange(msgspec.Struct, frozen=True, kw_only=True):
    """The order after a change; ``facts`` for others, ``notes`` and ``adjustments`` for its own lists."""

    order: OrderRecord
    facts: tuple[OrderFact, ...] = ()
    notes: tuple[OrderNote, ...] = ()
    adjustments: tuple[KeptAdjustment, ...] = ()


def placed_order(placing: Placing, number: str, payment: Payment | None, now_ms: int) -> OrderChange:
    """A new order. A payment that is authorised or captured places it; one that is still to come awaits."""
    quote, awaits = placing.quote, standing_of(payment) == "open"
    parts = parts_of(quote.quote)
    order = OrderRecord(
        id=placing.order_id,
        number=number,
        checkout_id=placing.checkout_id,
        cart_id=placing.cart_id,
        customer=quote.customer,
        state="awaiting_payment" if awaits else "placed",
        version=1,
        created_ms=now_ms,
        changed_ms=now_ms,
        standing=OrderStanding(
            payment_state="pending" if awaits else "authorised",
            payment=shown_payment(payment),
            payment_version=0 if payment is None else payment.version,
            parts=tuple(part.fulfilment_state for part in parts),
            hold_key=placing.reference,
        ),
        placing=placing,
    )
    fact = OrderPlaced(
        order_id=order.id,
        number=number,
        checkout_id=order.checkout_id,
        cart_id=order.cart_id,
        customer=order.customer,
        currency=quote.quote.currency,
        total=quote.quote.due.amount,
        lines=tuple(
            OrderedLine(
                line=line.line,
                sku=line.sku,
                merchant=line.merchant,
                quantity_milli=round(line.quantity * 1000),
                total=line.total.amount,
            )
            for line in quote.quote.lines
            if line.quantity
        ),
        awaits_payment=awaits,
    )
    return _told(order, now_ms, fact)


def with_payment(order: OrderRecord, payment: Payment | None, now_ms: int, *, reviewed: bool = False) -> OrderChange:
    """News of the payment. ``reviewed``: its money could not be taken because a person must look at it.

    What changes nothing gives the same order.
    """
    version = 0 if payment is None else payment.version
    if version < order.standing.payment_version:
        return OrderChange(order=order)  # read before what is known already
    shown, state = shown_payment(payment), payment_state_of(payment)
    standing = _replace(order.standing, payment=shown, payment_state=state, payment_version=version)
    changed = _replace(order, standing=standing)
    now, paid = standing_of(payment), order.state in ("placed", "awaiting_payment", "payment_review")
    if paid and now == "paid":
        return _told(_moved(changed, "is paid", now_ms), now_ms, _paid(order))
    if now == "held" and reviewed and order.state in ("placed", "awaiting_payment"):
        fact = OrderHeldForReview(order_id=order.id, number=order.number)
        return _told(_moved(changed, "is held for review", now_ms), now_ms, fact)
    if _replace(standing, payment_version=order.standing.payment_version) == order.standing:
        return OrderChange(order=order)
    note = OrderNote(type=f"Payment{state.title().replace('_', '')}", at_ms=now_ms)
    if state == order.standing.payment_state:
        return OrderChange(order=_touched(changed, now_ms))
    return _noted(_touched(changed, now_ms), [note])


def cancelled(order: OrderRecord, reason: CancelReason, now_ms: int) -> OrderChange:
    """Raises OrderStateConflict if it is too late."""
    after = _moved(order, "is cancelled", now_ms)
    parts = tuple(part_moved(state, "is cancelled") for state in order.standing.parts)
    after = _replace(after, standing=_replace(after.standing, parts=parts, cancel_reason=reason))
    fact = OrderCancelled(order_id=order.id, number=order.number, customer=order.customer, reason=reason)
    owed = KeptAdjustment(kind="cancelled", amount=-order.placing.quote.quote.due.amount, reason=reason, at_ms=now_ms)
    return _told(after, now_ms, fact, adjustments=[owed])


def given_up(order: OrderRecord, reason: CancelReason, now_ms: int) -> OrderChange:
    """What ended for want of money is cancelled by somebody: money that comes late does not bring it back any more."""
    return OrderChange(order=_touched(_replace(order, standing=_replace(order.standing, cancel_reason=reason)), now_ms))


def revived(order: OrderRecord, hold_key: str, now_ms: int) -> OrderChange:
    """The money came late, and the goods are reserved again under ``hold_key``."""
    after = _moved(order, "is paid late", now_ms)
    parts = tuple(part_moved(state, "is paid late") for state in order.standing.parts)
    standing = _replace(
        after.standing, parts=parts, cancel_reason=None, late="accept", hold_key=hold_key, payment_state="paid"
    )
    back = KeptAdjustment(kind="revived", amount=order.placing.quote.quote.due.amount, reason="late", at_ms=now_ms)
    revival = OrderRevived(order_id=order.id, number=order.number)
    return _told(_replace(after, standing=standing), now_ms, revival, _paid(order), adjustments=[back])


def _paid(order: OrderRecord) -> OrderPaid:
    quote = order.placing.quote.quote
    return OrderPaid(
        order_id=order.id, number=order.number, customer=order.customer, currency=quote.currency, total=quote.due.amount
    )


def _moved(order: OrderRecord, what: str, now_ms: int) -> OrderRecord:
    state: OrderState = moved(order.state, what)
    return _touched(_replace(order, state=state), now_ms)


def _touched(order: OrderRecord, now_ms: int) -> OrderRecord:
    return _replace(order, version=order.version + 1, changed_ms=now_ms)


def _told(
    order: OrderRecord, now_ms: int, *facts: OrderFact, adjustments: Iterable[KeptAdjustment] = ()
) -> OrderChange:
    """Every fact is also an event of the order's own list."""
    notes = [OrderNote(type=type(fact).__name__, at_ms=now_ms) for fact in facts]
    return _noted(order, notes, facts, tuple(adjustments))


def _noted(
    order: OrderRecord,
    notes: Iterable[OrderNote],
    facts: tuple[OrderFact, ...] = (),
    adjustments: tuple[KeptAdjustment, ...] = (),
) -> OrderChange:
    notes = tuple(notes)
    standing = _replace(
        order.standing,
        events=order.standing.events + len(notes),
        adjustments=order.standing.adjustments + len(adjustments),
    )
    return OrderChange(order=_replace(order, standing=standing), facts=facts, notes=notes, adjustments=adjustments)
