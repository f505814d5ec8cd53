"""The stock of one sku while its lock is held: working copies that a decision changes and the store then writes."""

from typing import Literal

import msgspec

BackorderKind = Literal["none", "backorder", "preorder"]

#: Stands for "without limit" in sums; larger than any quantity.
BOUNDLESS_MILLI = 1 << 60


class StockPlace(msgspec.Struct, frozen=True, kw_only=True):
    """What the choice of a location depends on. The lowest ``priority`` is asked first."""

    code: str
    priority: int = 100
    country: str = ""
    region: str = ""
    postal_code: str = ""


class Level(msgspec.Struct, kw_only=True):
    """What is at one location. ``active`` False: nothing is sold from there. ``stored`` False: it is new."""

    place: StockPlace
    on_hand: int = 0
    reserved: int = 0
    safety: int = 0
    active: bool = True
    stored: bool = False

    @property
    def location(self) -> str:
        return self.place.code

    @property
    def free(self) -> int:
        """What can be reserved here."""
        return max(0, self.on_hand - self.safety - self.reserved) if self.active else 0


class Item(msgspec.Struct, kw_only=True):
    """A counted sku with its levels by location. ``low``: alarm threshold, None: no alarm. ``stored`` False: it is new."""

    sku: str
    merchant: str
    version: int = 0
    backorder: BackorderKind = "none"
    backorder_limit: int | None = None
    backordered: int = 0
    from_at_ms: int | None = None
    low: int | None = None
    levels: dict[str, Level] = {}
    stored: bool = False

    @property
    def free(self) -> int:
        """What can be reserved from stock, at all locations."""
        return sum(level.free for level in self.levels.values())

    @property
    def room(self) -> int:
        """What can be promised beyond the stock; BOUNDLESS_MILLI without limit."""
        if self.backorder == "none":
            return 0
        if self.backorder_limit is None:
            return BOUNDLESS_MILLI
        return max(0, self.backorder_limit - self.backordered)

    def next_version(self) -> int:
        """The sequence number of the next event about it."""
        self.version += 1
        return self.version


class Waiting(msgspec.Struct, kw_only=True):
    """A promise that waits for stock; the lowest ``position`` is served first."""

    position: int
    reservation: str
    quantity: int


class Lot(msgspec.Struct, kw_only=True):
    """What is on hand of one lot. ``expires_on`` is a date (2027-01-31); None: unknown."""

    lot: str
    expires_on: str | None
    on_hand: int


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the journal: by how much ``on_hand`` and ``reserved`` changed, why, and who did it."""

    sku: str
    location: str
    on_hand: int = 0
    reserved: int = 0
    reason: str
    actor: str
    reference: str = ""
    reservation: str | None = None
    lot: str | None = None
    expires_on: str | None = None
