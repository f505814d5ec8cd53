"""The inventory's events. Routing keys are ``inventory.<Event>``.

The subject of StockReserved, StockCommitted and StockReleased is the reservation, of all others the sku. Each change of what can
be sold of a sku is in exactly one of StockReserved, StockReleased, StockReceived and StockAdjusted; StockDepleted, BackInStock
and StockLow come in addition, once per change. Quantities are whole thousandths of a unit.
"""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from renga.kernel.facts import Fact

Sku = Annotated[str, Meta(description="The sku; also the event's subject.", examples=["MUG-BLUE"])]
Location = Annotated[str, Meta(description="The code of the location.", examples=["default"])]
Merchant = Annotated[str, Meta(description="The merchant of the sku.", examples=["house"])]
ReservationId = Annotated[
    str,
    Meta(
        description="The reservation's id; also the event's subject.", examples=["019aa5d8-0001-7000-8000-000000000001"]
    ),
]
Reference = Annotated[str, Meta(description="What it was reserved for.", examples=["checkout:019aa5d8-0002"])]
AvailableMilli = Annotated[
    int, Meta(description="What can be sold after the change, in thousandths of a unit.", examples=[3000])
]
Backorder = Annotated[bool, Meta(description="More can be sold than there is.", examples=[False])]


class StockLine(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of a counted sku; of a bundle, of its part."""

    sku: Annotated[str, Meta(description="The sku that is counted.", examples=["MUG-BLUE"])]
    quantity_milli: Annotated[int, Meta(description="Thousandths of a unit.", examples=[2000])]


Lines = Annotated[
    tuple[StockLine, ...],
    Meta(description="Every counted sku, once.", examples=[[{"sku": "MUG-BLUE", "quantity_milli": 2000}]]),
]


class InventoryFact(Fact, frozen=True, kw_only=True):
    """An event of this domain."""

    DOMAIN: ClassVar[str] = "inventory"


class StockReserved(InventoryFact, frozen=True, kw_only=True):
    """Stock is held for somebody until a deadline."""

    reservation_id: ReservationId
    reference: Reference
    lines: Lines


class StockCommitted(InventoryFact, frozen=True, kw_only=True):
    """A reservation belongs to an order now and does not expire."""

    reservation_id: ReservationId
    reference: Reference
    lines: Lines


class StockReleased(InventoryFact, frozen=True, kw_only=True):
    """A reservation has ended and its stock can be sold again."""

    reservation_id: ReservationId
    reference: Reference
    lines: Lines
    reason: Annotated[
        str, Meta(description="`released` by its holder, or `expired` at its deadline.", examples=["expired"])
    ]


class StockReceived(InventoryFact, frozen=True, kw_only=True):
    """There is more of a sku at a location than before, or it is counted there for the first time."""

    sku: Sku
    merchant: Merchant
    location: Location
    quantity_milli: Annotated[int, Meta(description="What was added, in thousandths of a unit.", examples=[50000])]
    available_milli: AvailableMilli
    backorder: Backorder


class StockAdjusted(InventoryFact, frozen=True, kw_only=True):
    """There is less of a sku at a location than before, or its safety stock, backorder or location's state has changed."""

    sku: Sku
    merchant: Merchant
    location: Location
    quantity_milli: Annotated[
        int,
        Meta(
            description="The change of what is on hand, zero or negative, in thousandths of a unit.", examples=[-1000]
        ),
    ]
    available_milli: AvailableMilli
    backorder: Backorder


class StockDepleted(InventoryFact, frozen=True, kw_only=True):
    """Nothing of a sku can be sold from stock any more. ``backorder``: it can still be ordered."""

    sku: Sku
    merchant: Merchant
    backorder: Backorder


class BackInStock(InventoryFact, frozen=True, kw_only=True):
    """A depleted sku can be sold from stock again."""

    sku: Sku
    merchant: Merchant
    available_milli: AvailableMilli


class StockLow(InventoryFact, frozen=True, kw_only=True):
    """What can be sold of a sku has fallen to its alarm threshold or below. Sent again only after it was above."""

    sku: Sku
    merchant: Merchant
    available_milli: AvailableMilli
    low_milli: Annotated[int, Meta(description="The threshold, in thousandths of a unit.", examples=[5000])]


#: Every event of this domain.
EVENTS: tuple[type[Fact], ...] = (
    StockReserved,
    StockCommitted,
    StockReleased,
    StockReceived,
    StockAdjusted,
    StockDepleted,
    BackInStock,
    StockLow,
)

#: A pattern that matches the routing keys of all of them, also in later versions.
ALL_FACTS = (f"{InventoryFact.DOMAIN}.#",)


def skus_of(data: dict[str, object]) -> tuple[str, ...]:
    """The counted skus that an event's data is about, for caches of availability."""
    lines = data.get("lines")
    if isinstance(lines, list | tuple):
        return tuple(str(line["sku"]) for line in lines)
    return (str(data["sku"]),) if "sku" in data else ()
