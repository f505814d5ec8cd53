"""What travels: quantities are numbers of units with at most three decimals."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.domains.inventory.contract import Available
from renga.domains.inventory.contract.levels import (
    CountState,
    JournalEntry,
    LocationKind,
    MovementReason,
    SkuLevels,
    StockCount,
    StockLocation,
)
from renga.domains.inventory.model.quantities import units_of
from renga.kernel.identifiers import Identifier

Units = Annotated[float, Meta(description="Units, with at most three decimals.", examples=[50])]
Sku = Annotated[Identifier, Meta(description="The sku.", examples=["CAN-AURORA-AZ"])]
Code = Annotated[str, Meta(description="The code of a location.", examples=["default"])]
Moment = Annotated[str, Meta(description="RFC 3339.", examples=["2027-03-01T00:00:00Z"])]


class AvailabilityView(msgspec.Struct, frozen=True, kw_only=True):
    """What can be bought of a counted sku. `available` is capped at 99 for those who do not keep its level."""

    sku: Sku
    available: Annotated[float, Meta(description="Units in stock that nobody has reserved.", examples=[12])]
    backorder: Annotated[bool, Meta(description="More can be bought than is in stock.", examples=[False])]
    from_at: Annotated[Moment | None, Meta(description="When what is not in stock comes; null: unknown.")]


class AvailabilityList(msgspec.Struct, frozen=True, kw_only=True):
    """Skus that are not counted are absent: the catalogue's declared availability decides about them."""

    items: list[AvailabilityView]


class BackorderDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sku is sold beyond its stock."""

    kind: Literal["none", "backorder", "preorder"]
    limit: Annotated[Units | None, Meta(description="Most units that are promised; null: without limit.")] = None
    from_at: Annotated[Moment | None, Meta(description="When stock comes; null: unknown.")] = None


class LevelBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level is from now on; what is left out stays. `low` and `backorder` are of the whole sku."""

    location: Code = "default"
    on_hand: Units | msgspec.UnsetType = msgspec.UNSET
    safety: Annotated[Units | msgspec.UnsetType, Meta(description="Units that are never sold.")] = msgspec.UNSET
    low: Annotated[Units | msgspec.UnsetType | None, Meta(description="Alarm threshold; null: none.")] = msgspec.UNSET
    backorder: BackorderDocument | msgspec.UnsetType = msgspec.UNSET
    reason: MovementReason = "counted"
    reference: Annotated[str, Meta(description="Shown in the journal.", examples=["shelf check"])] = ""


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    lot: str
    on_hand: Units
    expires_on: str | None


class LocationLevelView(msgspec.Struct, frozen=True, kw_only=True):
    location: Code
    on_hand: Units
    reserved: Units
    available: Units
    safety: Units
    active: bool
    lots: list[LotView]


class LevelsView(msgspec.Struct, frozen=True, kw_only=True):
    """A counted sku with its levels by location."""

    sku: Sku
    locations: list[LocationLevelView]
    backorder: BackorderDocument
    backordered: Units
    low: Units | None


class LevelsPageView(msgspec.Struct, frozen=True, kw_only=True):
    items: list[LevelsView]
    next: str | None


class MovementBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods that came (positive) or went (negative)."""

    sku: Sku
    quantity: Annotated[
        float, Meta(description="Units, with at most three decimals; negative: they went.", examples=[24])
    ]
    reason: MovementReason
    location: Code = "default"
    reference: str = ""
    lot: Annotated[str | None, Meta(description="The lot of the goods.", examples=["L-2027-03"])] = None
    expires_on: Annotated[str | None, Meta(description="The lot's expiry date.", examples=["2027-12-31"])] = None


class MovementView(msgspec.Struct, frozen=True, kw_only=True):
    """By how much a level changed, why, and who did it."""

    at: str
    sku: Sku
    location: Code
    on_hand: float
    reserved: float
    reason: str
    actor: str
    reference: str
    reservation: str | None
    lot: str | None
    expires_on: str | None


class JournalView(msgspec.Struct, frozen=True, kw_only=True):
    items: list[MovementView]
    next: str | None


class LocationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A location; the lowest `priority` is asked first, an inactive one sells nothing."""

    name: Annotated[str, Meta(examples=["Recife"])]
    kind: LocationKind = "warehouse"
    merchant: Annotated[str, Meta(description="Who keeps it; `house`: the shop.", examples=["house"])] = "house"
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2.", examples=["BR"])] = ""
    region: Annotated[str, Meta(description="ISO 3166-2 without the country.", examples=["PE"])] = ""
    postal_code: Annotated[str, Meta(examples=["50030-230"])] = ""
    priority: int = 100
    active: bool = True


class LocationsView(msgspec.Struct, frozen=True, kw_only=True):
    items: list[StockLocation]


class CountBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`open` begins a stock count, `applied` makes what was counted the level, `cancelled` forgets it."""

    location: Code = "default"
    state: CountState = "open"


class CountedBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    counted: Units


class CountLineView(msgspec.Struct, frozen=True, kw_only=True):
    sku: Sku
    counted: Units
    found: Annotated[Units | None, Meta(description="What was on hand when the count was applied.")]
    by: str
    at: str


class CountView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    location: Code
    state: CountState
    opened_by: str
    opened_at: str
    lines: list[CountLineView]


def availability_view(one: Available) -> AvailabilityView:
    return AvailabilityView(
        sku=one.sku, available=units_of(one.available_milli), backorder=one.backorder, from_at=one.from_at
    )


def levels_view(levels: SkuLevels) -> LevelsView:
    terms = levels.backorder
    return LevelsView(
        sku=levels.sku,
        locations=[
            LocationLevelView(
                location=one.location, on_hand=units_of(one.on_hand_milli), reserved=units_of(one.reserved_milli),
                available=units_of(one.available_milli), safety=units_of(one.safety_milli), active=one.active,
                lots=[
                    LotView(lot=lot.lot, on_hand=units_of(lot.on_hand_milli), expires_on=lot.expires_on)
                    for lot in one.lots
                ],
            )
            for one in levels.locations
        ],
        backorder=BackorderDocument(
            kind=terms.kind,
            limit=None if terms.limit_milli is None else units_of(terms.limit_milli),
            from_at=terms.from_at,
        ),
        backordered=units_of(levels.backordered_milli),
        low=None if levels.low_milli is None else units_of(levels.low_milli),
    )  # fmt: skip


def movement_view(one: JournalEntry) -> MovementView:
    return MovementView(
        at=one.at, sku=one.sku, location=one.location, on_hand=units_of(one.on_hand_milli),
        reserved=units_of(one.reserved_milli), reason=one.reason, actor=one.actor, reference=one.reference,
        reservation=one.reservation, lot=one.lot, expires_on=one.expires_on,
    )  # fmt: skip


def count_view(count: StockCount) -> CountView:
    return CountView(
        id=count.id, location=count.location, state=count.state, opened_by=count.opened_by, opened_at=count.opened_at,
        lines=[
            CountLineView(
                sku=one.sku, counted=units_of(one.counted_milli), by=one.by, at=one.at,
                found=None if one.found_milli is None else units_of(one.found_milli),
            )
            for one in count.lines
        ],
    )  # fmt: skip
