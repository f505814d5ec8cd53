"""REST: read, list and cancel orders."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.orders.contract.checkouts import ANY_ORDER, OWN_ORDERS, SOLD_ORDERS
from renga.domains.orders.contract.errors import OrderCursorInvalid, OrderNotFound, OrderStateConflict
from renga.domains.orders.contract.orders import ORDERS_PAGE_MAX, Order, OrderPage, Orders
from renga.domains.orders.rest.shared import NO_STORE, READ
from renga.platform.auth.access import Access
from renga.platform.http.lean import Answer, Call, Operation

_encode = msgspec.json.Encoder().encode
_ID_HELP = {"order_id": "The order's id. Whoever has a guest's may read it for a day: treat it as a secret."}
ORDER = Access(
    scopes=(OWN_ORDERS,),
    instead=(ANY_ORDER, SOLD_ORDERS),
    guest=True,
    objects="the customer's own orders; those with a part of the caller's merchants; a guest's by its id for 24 hours; every "
    "one with `orders:any`",
)
LISTED = Access(
    scopes=(OWN_ORDERS,),
    instead=(ANY_ORDER, SOLD_ORDERS),
    objects="the customer's own orders; those with a part of the caller's merchants; every one with `orders:any`",
)


class OrdersQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the list."""

    cursor: Annotated[str, Meta(description="`next` of the page before.", max_length=100)] | None = None
    limit: Annotated[int, Meta(description="Orders of a page.", ge=1, le=ORDERS_PAGE_MAX)] = 20


def operations(orders: Orders) -> list[Operation]:
    """``/v1/orders``."""

    async def listed(call: Call) -> Answer:
        asked = call.query(OrdersQuery)
        return Answer(
            200, _encode(await orders.orders(call.caller, cursor=asked.cursor, limit=asked.limit)), [NO_STORE]
        )

    async def read(call: Call) -> Answer:
        return Answer(200, _encode(await orders.order(call.caller, call.parameters["order_id"])), [NO_STORE])

    async def cancel(call: Call) -> Answer:
        return Answer(200, _encode(await orders.cancel(call.caller, call.parameters["order_id"])), [NO_STORE])

    return [
        Operation(
            method="GET", path="/v1/orders", handler=listed, access=LISTED, rate="read", id="listOrders",
            summary="Orders, newest first", tag="orders", answer=OrderPage, query=OrdersQuery,
            errors=(*READ, OrderCursorInvalid),
        ),
        Operation(
            method="GET", path="/v1/orders/{order_id}", handler=read, access=ORDER, rate="read", id="readOrder",
            summary="One order", tag="orders", answer=Order, path_help=_ID_HELP, errors=(*READ, OrderNotFound),
            description="A merchant sees its own lines, part and delivery, and nothing of the payment.",
        ),
        Operation(
            method="POST", path="/v1/orders/{order_id}/cancel", handler=cancel, access=ORDER, rate="checkout",
            id="cancelOrder", summary="Cancel an order before its fulfilment", tag="orders", answer=Order,
            path_help=_ID_HELP, errors=(*READ, OrderNotFound, OrderStateConflict),
            description="By the buyer, or by the merchant who sells all of it. The goods are free again, the payment is "
            "voided or refunded. Again, it answers the same.",
        ),
    ]  # fmt: skip
