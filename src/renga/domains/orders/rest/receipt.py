"""REST: the receipt of an order as a page."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import PathParameter

from renga.domains.orders.contract.errors import OrderNotFound
from renga.domains.orders.contract.orders import Orders
from renga.domains.orders.rest.orders import ORDER
from renga.domains.orders.rest.receipt_page import receipt_page
from renga.domains.orders.rest.shared import READ
from renga.platform.http.problems import problems
from renga.platform.http.requests import who_asks

OrderId = Annotated[str, PathParameter(max_length=100, description="The order's id.")]
#: Nothing is loaded or run; only the page's own styles.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def routes(orders: Orders) -> list[Any]:
    """The handler of ``/v1/orders/{order_id}/receipt``."""

    @get(
        "/v1/orders/{order_id:str}/receipt",
        operation_id="readReceipt",
        summary="The receipt of an order",
        description="An HTML page in the language of the order, for whoever may read the order.",
        tags=["orders"],
        media_type="text/html",
        opt={"access": ORDER, "rate": "read"},
        responses=problems(*READ, OrderNotFound),
    )
    async def read(request: Request[Any, Any, Any], order_id: OrderId) -> Response[str]:
        order = await orders.order(who_asks(request), order_id)
        headers = {"cache-control": "private, no-store", "content-security-policy": _POLICY}
        return Response(receipt_page(order), media_type="text/html", headers=headers)

    return [read]
