"""The part of orders in the web application."""

from renga.domains.orders.local import LocalOrders
from renga.domains.orders.rest import checkouts, orders, placing, receipt
from renga.platform.http.face import Face


def face_of(local: LocalOrders, languages: tuple[str, ...]) -> Face:
    """Checkouts and orders. ``languages`` are the shop's, its own first."""
    return Face(
        routes=receipt.routes(local),
        operations=[
            *checkouts.operations(local, languages),
            *placing.operations(local),
            *orders.operations(local),
        ],
    )
