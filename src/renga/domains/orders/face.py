"""The part of orders in the web application."""

from renga.domains.orders.contract import Checkouts
from renga.domains.orders.rest import checkouts
from renga.platform.http.face import Face


def face_of(contract: Checkouts, languages: tuple[str, ...]) -> Face:
    """Checkouts. ``languages`` are the shop's, its own first."""
    return Face(operations=checkouts.operations(contract, languages))
