"""Availability of variants and products."""

from collections.abc import Sequence
from enum import Enum

import strawberry

from renga.domains.catalog.contract import Variant


@strawberry.enum(description="Availability, as declared by the merchant.")
class Availability(Enum):
    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"


#: Best first.
_ORDER = ("in_stock", "backorder", "preorder", "out_of_stock")


def best_of(variants: Sequence[Variant]) -> Availability:
    """The best availability of several variants; without variants: unavailable."""
    return Availability(min((one.availability for one in variants), key=_ORDER.index, default="out_of_stock"))
