"""Use cases: read an order, list orders."""

import base64
import binascii

from renga.domains.orders.contract.checkouts import ANY_ORDER, OWN_ORDERS, SOLD_ORDERS
from renga.domains.orders.contract.errors import OrderCursorInvalid, OrderNotFound
from renga.domains.orders.contract.orders import ORDERS_PAGE_MAX, Order, OrderPage
from renga.domains.orders.dependencies import OrderDependencies
from renga.domains.orders.model.order_record import OrderRecord
from renga.domains.orders.model.order_viewing import merchants_view, order_view, summary_view
from renga.kernel.caller import Caller
from renga.kernel.ids import canonical_uuid

_HOUR_MS = 3_600_000


async def read_order(dependencies: OrderDependencies, caller: Caller, order_id: str) -> Order:
    """Raises OrderNotFound."""
    order = await found_order(dependencies, caller, order_id)
    view = order_view(order, *await dependencies.orders.lists(order.id))
    whole = owns(caller, order) or not of_merchant(caller, order)
    return view if whole else merchants_view(view, caller.merchants)


async def found_order(dependencies: OrderDependencies, caller: Caller, order_id: str) -> OrderRecord:
    """Raises OrderNotFound, also for an order that the caller may not see."""
    name = canonical_uuid(order_id)
    order = None if name is None else await dependencies.orders.order(name)
    if order is None or not (owns(caller, order) or of_merchant(caller, order) or _is_new(dependencies, order)):
        raise OrderNotFound()
    return order


def owns(caller: Caller, order: OrderRecord) -> bool:
    """The customer, and callers with ANY_ORDER."""
    return caller.may(ANY_ORDER) or (order.customer is not None and order.customer == caller.subject)


def of_merchant(caller: Caller, order: OrderRecord) -> bool:
    return caller.may(SOLD_ORDERS) and not caller.merchants.isdisjoint(order.merchants)


def _is_new(dependencies: OrderDependencies, order: OrderRecord) -> bool:
    """Whoever has the id of a guest's order may see it for some hours; a customer's, only the customer."""
    open_ms = dependencies.settings.order_open_hours * _HOUR_MS
    return order.customer is None and dependencies.clock.now_ms() < order.created_ms + open_ms


async def list_orders(dependencies: OrderDependencies, caller: Caller, *, cursor: str | None, limit: int) -> OrderPage:
    """Raises Unauthenticated, OrderCursorInvalid."""
    subject, limit = caller.identified(), max(1, min(limit, ORDERS_PAGE_MAX))
    found = await dependencies.orders.page(
        customer=subject if caller.may(OWN_ORDERS) else None,
        merchants=sorted(caller.merchants) if caller.may(SOLD_ORDERS) else [],
        everything=caller.may(ANY_ORDER),
        before=None if cursor is None else _place(cursor),
        limit=limit + 1,
    )
    page = found[:limit]
    following = _cursor(page[-1]) if len(found) > limit else None
    return OrderPage(items=tuple(summary_view(one) for one in page), next=following)


def _cursor(order: OrderRecord) -> str:
    return base64.urlsafe_b64encode(f"{order.created_ms} {order.id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[int, str]:
    """Raises OrderCursorInvalid."""
    try:
        text = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise OrderCursorInvalid(field="cursor") from None
    at, _, order_id = text.partition(" ")
    name = canonical_uuid(order_id)
    if name is None or not (at.isdigit() and len(at) <= 15):
        raise OrderCursorInvalid(field="cursor")
    return int(at), name
