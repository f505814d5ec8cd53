"""Use case: cancel an order before its fulfilment."""

import structlog

from renga.domains.orders.contract.errors import OrderStateConflict
from renga.domains.orders.contract.orders import CancelReason, Order
from renga.domains.orders.dependencies import OrderDependencies
from renga.domains.orders.model.advancing_orders import cancelled, given_up
from renga.domains.orders.model.order_record import OrderRecord
from renga.domains.orders.read_orders import found_order, of_merchant, owns, read_order
from renga.domains.orders.settling import FOR_GOOD, close_cancelled, save_change
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)


async def cancel_order(dependencies: OrderDependencies, caller: Caller, order_id: str) -> Order:
    """Raises what ``contract.Orders.cancel`` says. A merchant cancels only what is its own as a whole."""
    order, services = await found_order(dependencies, caller, order_id), dependencies.services
    reason = _reason(caller, order)
    async with services.orders.order_unit(order.id) as unit:
        order = unit.order
        if order.state != "cancelled":
            change = cancelled(order, reason, services.clock.now_ms())
            await save_change(services, unit, change)
            order = change.order
        elif order.standing.cancel_reason not in FOR_GOOD:
            change = given_up(order, reason, services.clock.now_ms())
            await save_change(services, unit, change)
            order = change.order
    try:
        await close_cancelled(services, order)
    except Unavailable as error:
        # it is cancelled; a worker who hears of that gives the rest back
        log.warning("order_not_closed_yet", order=order.id, error=str(error))
    return await read_order(dependencies, caller, order.id)


def _reason(caller: Caller, order: OrderRecord) -> CancelReason:
    """Raises OrderStateConflict for a merchant who has only a part of it."""
    if owns(caller, order) or not of_merchant(caller, order):
        return "buyer"
    if not set(order.merchants) <= caller.merchants:
        raise OrderStateConflict("other merchants have a part of this order", state=order.state)
    return "merchant"
