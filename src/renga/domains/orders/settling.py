"""What an order needs when there is news of its payment: goods committed, money taken; or everything given back."""

from typing import Literal

import msgspec

from renga.domains.orders.contract.orders import CancelReason
from renga.domains.orders.goods import GoodsGone, next_key, release_goods, secure_goods
from renga.domains.orders.model.advancing_orders import OrderChange, cancelled, with_payment
from renga.domains.orders.model.order_record import OrderRecord
from renga.domains.orders.model.order_states import OPEN
from renga.domains.orders.model.paying import standing_of
from renga.domains.orders.placing_services import AT_PAYMENTS, PlacingServices
from renga.domains.orders.ports.orders import OrderUnit
from renga.domains.orders.recording import event_of
from renga.domains.payments.contract.errors import AmountExceeded, PaymentBusy, PaymentStateConflict
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.contract.service import CaptureRequest, RefundRequest, VoidRequest
from renga.kernel.errors import Unavailable

#: Reasons after which no money brings an order back.
FOR_GOOD = frozenset({"buyer", "merchant"})


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """``verdict``: nothing more, a person has to look at the payment, or why the order ends."""

    payment: Payment | None
    hold_key: str
    verdict: Literal["", "review"] | CancelReason = ""


async def settle(services: PlacingServices, order: OrderRecord, payment: Payment | None) -> Settlement:
    """Everything that happens elsewhere; nothing of the order is written. May be repeated.

    Raises Unavailable: it is tried again.
    """
    key, standing = order.standing.hold_key, standing_of(payment)
    if order.state not in OPEN:
        return Settlement(payment=payment, hold_key=key)
    if standing == "over":
        assert payment is not None
        expired = payment.state == "expired" or payment.reason == "expired"
        return Settlement(payment=payment, hold_key=key, verdict="payment_expired" if expired else "payment_declined")
    if standing not in ("paid", "held"):
        return Settlement(payment=payment, hold_key=key)
    try:
        secured = await secure_goods(services, order.placing, key)
    except GoodsGone:
        return Settlement(payment=payment, hold_key=key, verdict="out_of_stock")
    if secured != key and await _was_cancelled(services, order.id):
        # whoever cancelled gave the goods back before we held them again
        await release_goods(services, order.placing, secured)
        return Settlement(payment=payment, hold_key=key)
    key = secured
    if standing == "held" and payment is not None and await _takes_now(services, payment):
        return await _capture(services, payment, key)
    return Settlement(payment=payment, hold_key=key)


async def _was_cancelled(services: PlacingServices, order_id: str) -> bool:
    now = await services.orders.order(order_id)
    return now is not None and now.state == "cancelled"


async def _takes_now(services: PlacingServices, payment: Payment) -> bool:
    """Whether the shop takes the money of all its means with the order."""
    for method in {one.method for one in payment.means}:
        if await services.payments.capture_moment(method) != "placement":
            return False
    return True


async def _capture(services: PlacingServices, payment: Payment, key: str) -> Settlement:
    try:
        payment = await services.payments.capture(AT_PAYMENTS, payment.id, CaptureRequest(key="placement"))
    except PaymentStateConflict:  # captured, voided or expired meanwhile
        payment = await services.payments.payment(AT_PAYMENTS, payment.id)
    except PaymentBusy as busy:
        raise Unavailable("the payment is busy; it is tried again") from busy
    if standing_of(payment) == "over":
        return Settlement(payment=payment, hold_key=key, verdict="payment_declined")
    return Settlement(payment=payment, hold_key=key, verdict="review" if payment.in_review else "")


async def write_settlement(services: PlacingServices, unit: OrderUnit, settlement: Settlement) -> OrderRecord:
    """Write what has become of it, under the order's lock, with the events for others."""
    now_ms, order = services.clock.now_ms(), unit.order
    if order.standing.hold_key != settlement.hold_key and order.state in OPEN:
        standing = msgspec.structs.replace(order.standing, hold_key=settlement.hold_key)
        order = msgspec.structs.replace(order, standing=standing)
    change = with_payment(order, settlement.payment, now_ms, reviewed=settlement.verdict == "review")
    if settlement.verdict not in ("", "review") and change.order.state in OPEN:
        change = _both(change, cancelled(change.order, settlement.verdict, now_ms))  # type: ignore[arg-type]
    if change.order != unit.order:
        await save_change(services, unit, change)
    return change.order


async def save_change(services: PlacingServices, unit: OrderUnit, change: OrderChange) -> None:
    """Write a change with its facts as events."""
    order = change.order
    events = [
        event_of(fact, order.id, order.version * 10 + place, services.clock, services.new_id)
        for place, fact in enumerate(change.facts)
    ]
    await unit.save(change, events)


async def close_cancelled(services: PlacingServices, order: OrderRecord) -> None:
    """Release the goods, void or refund the payment of an order that is cancelled. May be repeated. Raises Unavailable."""
    held = order.standing.hold_key
    for key in (held, next_key(held)):  # a payment that came at the same moment may have held them again
        await release_goods(services, order.placing, key)
    await give_back(services, order.placing.reference)


async def give_back(services: PlacingServices, reference: str) -> None:
    """Void or refund all payments of a reference. May be repeated. Raises Unavailable: it is not over yet."""
    for payment in await services.payments.payments_of(AT_PAYMENTS, reference):
        if standing_of(payment) in ("over", "returned"):
            continue
        try:
            if payment.captured.amount > payment.refunded.amount:
                await services.payments.refund(AT_PAYMENTS, payment.id, RefundRequest(key="cancelled"))
            else:
                await services.payments.void(AT_PAYMENTS, payment.id, VoidRequest(key="cancelled"))
        except (PaymentStateConflict, PaymentBusy, AmountExceeded) as error:
            # captured, voided or (late money) refunded meanwhile: what it needs now is seen when it is read again
            raise Unavailable(f"the payment has changed meanwhile: {error.detail}") from error


def _both(first: OrderChange, second: OrderChange) -> OrderChange:
    return OrderChange(
        order=second.order,
        facts=(*first.facts, *second.facts),
        notes=(*first.notes, *second.notes),
        adjustments=(*first.adjustments, *second.adjustments),
    )
