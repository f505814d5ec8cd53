"""Whether something can be had."""

from collections.abc import Sequence
from enum import Enum

import strawberry

from renga.domains.catalog.contract import Variant


@strawberry.enum(description="Whether it can be had, as its merchant declares.")
class Availability(Enum):
    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"


#: The best first.
_ORDER = ("in_stock", "backorder", "preorder", "out_of_stock")


def best_of(variants: Sequence[Variant]) -> Availability:
    """The best of several variants; of none, that it cannot be had."""
    return Availability(min((one.availability for one in variants), key=_ORDER.index, default="out_of_stock"))
