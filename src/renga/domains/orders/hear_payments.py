"""Use cases: news of payments, and late money. News may come twice, late and in any order: the payment itself is read."""

import contextlib
from typing import Literal

from renga.domains.orders.contract.errors import OrderNotFound
from renga.domains.orders.goods import GoodsGone, hold_again, late_key, release_goods
from renga.domains.orders.model.advancing_orders import revived
from renga.domains.orders.model.order_record import OrderRecord
from renga.domains.orders.model.paying import standing_of
from renga.domains.orders.model.placing import order_of_reference
from renga.domains.orders.placing_services import AT_PAYMENTS, PlacingServices
from renga.domains.orders.ports.placing import Placings
from renga.domains.orders.settling import FOR_GOOD, close_cancelled, give_back, save_change, settle, write_settlement
from renga.domains.payments.contract.errors import PaymentNotFound
from renga.domains.payments.contract.events import PaymentAuthorised, PaymentFact
from renga.kernel.ids import canonical_uuid
from renga.kernel.money import Money

#: Ended for want of money: money that comes now may still buy it. Whoever cancelled gets the money back.
REVIVABLE = frozenset({"payment_expired", "payment_declined"})


async def hear_payment(services: PlacingServices, placings: Placings, fact: PaymentFact, event_id: str) -> None:
    """An order goes on with its payment; an attempt that waits for it, too; what belongs to neither is given back."""
    reference, payment_id = fact.reference, fact.payment_id
    order_id = _order_id(reference)
    if order_id is None:
        return
    order = await services.orders.order(order_id)
    if order is not None:
        if isinstance(fact, PaymentAuthorised) and await _is_placing(services, order_id):
            return  # who places the order takes the money
        # others may make payments with such a reference, too: what is not ours is not found
        with contextlib.suppress(PaymentNotFound):
            await follow_payment(services, order, payment_id)
        return
    attempt = await services.orders.attempt_of_order(order_id)
    if attempt is not None and attempt.state == "live":
        await placings.tell(attempt.process_id, event_id)
    else:  # the attempt was undone while its payment was on its way
        await give_back(services, reference)


async def _is_placing(services: PlacingServices, order_id: str) -> bool:
    attempt = await services.orders.attempt_of_order(order_id)
    return attempt is not None and attempt.state == "live"


async def follow_payment(services: PlacingServices, order: OrderRecord, payment_id: str) -> OrderRecord:
    """Bring an order to where its payment is. May be repeated."""
    payment = await services.payments.payment(AT_PAYMENTS, payment_id)
    settlement = await settle(services, order, payment)
    async with services.orders.order_unit(order.id) as unit:
        order = await write_settlement(services, unit, settlement)
    ended = order.standing.cancel_reason in FOR_GOOD or settlement.verdict or standing_of(payment) != "over"
    if order.state == "cancelled" and ended:
        await close_cancelled(services, order)
    return order


class LateOrders:
    """Implements ``payments.LateMoney``: the goods once more at the old price, or the money back."""

    def __init__(self, services: PlacingServices) -> None:
        self._services = services

    async def settle(self, reference: str, amount: Money) -> Literal["accept", "refund"]:
        order_id = _order_id(reference)
        order = None if order_id is None else await self._services.orders.order(order_id)
        if order is None:
            return "refund"
        if order.standing.late is not None:
            return "accept" if order.standing.late == "accept" else "refund"
        due = Money(order.placing.due, order.placing.quote.quote.currency)
        if order.state != "cancelled" or order.standing.cancel_reason not in REVIVABLE or amount != due:
            return "refund"
        return await self._revive(order)

    async def _revive(self, order: OrderRecord) -> Literal["accept", "refund"]:
        services = self._services
        try:
            held = order.standing.hold_key
            key = await hold_again(services, order.placing, held, late_key(held))
        except GoodsGone:
            return "refund"
        async with services.orders.order_unit(order.id) as unit:
            now = unit.order
            if now.state == "cancelled" and now.standing.cancel_reason in REVIVABLE:
                await save_change(services, unit, revived(now, key, services.clock.now_ms()))
                return "accept"
        if now.standing.late == "accept":
            return "accept"
        await release_goods(services, order.placing, key)  # somebody has cancelled it meanwhile
        return "refund"


def _order_id(reference: str) -> str | None:
    found = order_of_reference(reference)
    return None if found is None else canonical_uuid(found)


async def hear_cancelled(services: PlacingServices, order_id: str) -> None:
    """Whoever cancelled may have died before everything was given back. May be repeated."""
    order = await services.orders.order(order_id)
    if order is None:
        raise OrderNotFound()
    if order.state == "cancelled":
        await close_cancelled(services, order)
