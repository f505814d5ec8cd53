"""Messages about levels, locations, the journal and stock counts. Quantities are whole thousandths of a unit."""

from typing import Literal

import msgspec

from renga.kernel.identifiers import Identifier

#: The location of whoever names none.
DEFAULT_LOCATION = "default"

LocationKind = Literal["warehouse", "shop", "supplier"]

#: Why a keeper of stock changes what is on hand. The inventory's own reasons are reserved, released, expired, fulfilled,
#: allocated and moved.
MovementReason = Literal["counted", "received", "returned", "damaged", "lost", "found", "transferred", "corrected"]

CountState = Literal["open", "applied", "cancelled"]


class StockLocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where stock is. The lowest ``priority`` is asked first; an inactive one sells nothing. ``merchant`` keeps it."""

    code: str
    name: str
    kind: LocationKind = "warehouse"
    merchant: str = "house"
    country: str = ""
    region: str = ""
    postal_code: str = ""
    priority: int = 100
    active: bool = True


class Backorder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a sku is sold beyond its stock. ``limit_milli`` None: without limit. ``from_at`` (RFC 3339): when stock comes."""

    kind: Literal["none", "backorder", "preorder"]
    limit_milli: int | None = None
    from_at: str | None = None


class LevelUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a level is from now on; what is left out stays. ``backorder`` and ``low_milli`` are of the whole sku.

    ``lot`` and ``expires_on`` (a date) describe goods that are added.
    """

    location: str = DEFAULT_LOCATION
    on_hand_milli: int | msgspec.UnsetType = msgspec.UNSET
    safety_milli: int | msgspec.UnsetType = msgspec.UNSET
    backorder: Backorder | msgspec.UnsetType = msgspec.UNSET
    low_milli: int | msgspec.UnsetType | None = msgspec.UNSET
    reason: MovementReason = "counted"
    reference: str = ""


class NewMovement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods that came (positive) or went (negative), with their lot and its expiry date if they have one."""

    sku: str
    quantity_milli: int
    reason: MovementReason
    location: str = DEFAULT_LOCATION
    reference: str = ""
    lot: str | None = None
    expires_on: str | None = None


class LotLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is on hand of a lot. ``expires_on`` is a date."""

    lot: str
    on_hand_milli: int
    expires_on: str | None = None


class LocationLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is at one location. ``available_milli`` is never negative; ``active`` False: nothing is sold from there."""

    location: str
    on_hand_milli: int
    reserved_milli: int
    available_milli: int
    safety_milli: int = 0
    active: bool = True
    lots: tuple[LotLevel, ...] = ()


class SkuLevels(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A counted sku. ``backordered_milli`` is promised beyond the stock."""

    sku: str
    merchant: str
    locations: tuple[LocationLevel, ...]
    backorder: Backorder
    backordered_milli: int = 0
    low_milli: int | None = None


class LevelsPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[SkuLevels, ...]
    next: str | None


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By how much a level changed, why, and who did it (an account, a client, or ``system:<name>``)."""

    position: int
    at: str
    sku: str
    location: str
    on_hand_milli: int
    reserved_milli: int
    reason: str
    actor: str
    reference: str = ""
    reservation: str | None = None
    lot: str | None = None
    expires_on: str | None = None


class JournalPage(msgspec.Struct, frozen=True, kw_only=True):
    """Movements, newest first; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[JournalEntry, ...]
    next: str | None


class CountLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody counted of a sku. ``found_milli``: what was on hand when the count was applied; None before."""

    sku: str
    counted_milli: int
    by: str
    at: str
    found_milli: int | None = None


class StockCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An inventory session at one location: lines are collected while it is open, and applied together."""

    id: str
    location: str
    state: CountState
    opened_by: str
    opened_at: str
    lines: tuple[CountLine, ...] = ()


class StockRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of an import: what is on hand, as a number of units with at most three decimals."""

    sku: Identifier
    on_hand: float
    location: str = DEFAULT_LOCATION
    safety: float | None = None


class StockImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did."""

    rows: int
    changed: int
    unchanged: int


class BrokenLevel(msgspec.Struct, frozen=True, kw_only=True):
    """A level that differs from its journal or from the open reservations: a defect of the program."""

    sku: str
    location: str
    on_hand_milli: int
    journal_on_hand_milli: int
    reserved_milli: int
    journal_reserved_milli: int
    held_milli: int
