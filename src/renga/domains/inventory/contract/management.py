"""The inventory's interface for those who keep stock: levels, locations, the journal, stock counts, imports."""

from collections.abc import Sequence
from typing import Protocol

from renga.domains.inventory.contract.levels import (
    BrokenLevel,
    CountState,
    JournalPage,
    LevelsPage,
    LevelUpdate,
    NewMovement,
    SkuLevels,
    StockCount,
    StockImportReport,
    StockLocation,
    StockRow,
)
from renga.kernel.caller import Caller
from renga.kernel.once import Once

#: Skus or movements on one page, rows of one import, lines of one stock count, wrong lines that are reported.
PAGE_MAX = 100
IMPORT_ROWS_MAX = 100_000
COUNT_LINES_MAX = 10_000
PROBLEMS_MAX = 20


class StockManagement(Protocol):
    """OWN_LEVELS reaches the skus of the caller's merchants (for a service: every merchant's), ALL_LEVELS every sku and the
    shop's locations. Other skus are "not found". Every method raises Unauthenticated, InsufficientScope, Unavailable; after any
    error nothing was written, except that an import of many skus is written in parts (run it again).
    """

    async def level(self, caller: Caller, sku: str) -> SkuLevels:
        """Raises SkuNotFound, LevelNotFound."""
        ...

    async def levels(
        self, caller: Caller, *, low: bool = False, cursor: str | None = None, limit: int = 20
    ) -> LevelsPage:
        """Counted skus in order; with ``low`` those at or below their alarm threshold."""
        ...

    async def set_level(self, caller: Caller, sku: str, update: LevelUpdate) -> SkuLevels:
        """The first level of a sku starts its counting. Raises SkuNotFound, LocationNotFound, BundleNotCounted, LevelInvalid,
        StockQuantityInvalid."""
        ...

    async def record(self, caller: Caller, movement: NewMovement, *, once: Once | None = None) -> SkuLevels:
        """Raises what ``set_level`` raises, NotEnoughStock (more goes than there is), IdempotencyConflict."""
        ...

    async def journal(self, caller: Caller, sku: str, *, cursor: str | None = None, limit: int = 50) -> JournalPage:
        """Every movement of a sku, newest first. Raises SkuNotFound."""
        ...

    async def locations(self, caller: Caller) -> Sequence[StockLocation]:
        """Those where the caller may keep stock: the shop's, and their merchants'."""
        ...

    async def put_location(self, caller: Caller, location: StockLocation) -> StockLocation:
        """Create or change. The shop's locations need ALL_LEVELS. Raises LocationInvalid, LocationNotFound (it is another's)."""
        ...

    async def put_count(self, caller: Caller, identifier: str, *, location: str, state: CountState) -> StockCount:
        """Open a stock count, apply or cancel it; idempotent.

        Raises LocationNotFound, CountNotFound, CountClosed, CountChanged.
        """
        ...

    async def count(self, caller: Caller, identifier: str) -> StockCount:
        """Raises CountNotFound."""
        ...

    async def count_sku(self, caller: Caller, identifier: str, sku: str, counted_milli: int) -> StockCount:
        """Record what was counted of a sku. Raises CountNotFound, CountClosed, SkuNotFound, StockQuantityInvalid."""
        ...

    async def import_levels(self, caller: Caller, rows: Sequence[StockRow]) -> StockImportReport:
        """Set what is on hand, row by row; repeating it changes nothing. Raises StockImportRefused."""
        ...

    async def verify(self, caller: Caller) -> Sequence[BrokenLevel]:
        """Compare every level with the journal and with the open reservations (needs ALL_LEVELS); empty: all add up."""
        ...
