"""The contracts in this process."""

from collections.abc import Sequence

import msgspec

from renga.domains.inventory import count_stock, keep_locations, read_levels
from renga.domains.inventory.access import may_reserve
from renga.domains.inventory.batching import ReservationQueue
from renga.domains.inventory.change_reservation import find_reservation
from renga.domains.inventory.commit_reservation import commit_reservation
from renga.domains.inventory.contract import Available, NewReservation, Reservation
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
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.fulfil_reservation import fulfil_reservation
from renga.domains.inventory.import_levels import import_levels
from renga.domains.inventory.model.checking import checked_reservation
from renga.domains.inventory.move_reservation import move_reservation
from renga.domains.inventory.read_availability import read_availability, read_public_availability
from renga.domains.inventory.release_reservation import release_reservation
from renga.domains.inventory.seed_demo import seed_demo
from renga.domains.inventory.set_level import record_movement, set_level
from renga.domains.inventory.verify_stock import verify_stock
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class LocalStock(msgspec.Struct, frozen=True):
    """Implements ``contract.Stock`` and ``contract.management.StockManagement``."""

    dependencies: InventoryDependencies
    queue: ReservationQueue

    async def availability(self, skus: Sequence[str]) -> dict[str, Available]:
        return await read_availability(self.dependencies, skus)

    async def public_availability(self, caller: Caller, skus: Sequence[str]) -> dict[str, Available]:
        return await read_public_availability(self.dependencies, caller, skus)

    async def reserve(self, caller: Caller, new: NewReservation) -> Reservation:
        return await self.queue.reserve(may_reserve(caller), checked_reservation(new))

    async def reservation(self, caller: Caller, reservation: str) -> Reservation:
        may_reserve(caller)
        return (await find_reservation(self.dependencies, reservation)).reservation

    async def commit(self, caller: Caller, reservation: str) -> Reservation:
        return await commit_reservation(self.dependencies, caller, reservation)

    async def release(self, caller: Caller, reservation: str) -> Reservation:
        return await release_reservation(self.dependencies, caller, reservation)

    async def fulfil(self, caller: Caller, reservation: str) -> Reservation:
        return await fulfil_reservation(self.dependencies, caller, reservation)

    async def move(self, caller: Caller, reservation: str, *, source: str, target: str) -> Reservation:
        return await move_reservation(self.dependencies, caller, reservation, source=source, target=target)

    async def level(self, caller: Caller, sku: str) -> SkuLevels:
        return await read_levels.read_level(self.dependencies, caller, sku)

    async def levels(
        self, caller: Caller, *, low: bool = False, cursor: str | None = None, limit: int = 20
    ) -> LevelsPage:
        return await read_levels.list_levels(self.dependencies, caller, low=low, cursor=cursor, limit=limit)

    async def set_level(self, caller: Caller, sku: str, update: LevelUpdate) -> SkuLevels:
        return await set_level(self.dependencies, caller, sku, update)

    async def record(self, caller: Caller, movement: NewMovement, *, once: Once | None = None) -> SkuLevels:
        return await record_movement(self.dependencies, caller, movement, once)

    async def journal(self, caller: Caller, sku: str, *, cursor: str | None = None, limit: int = 50) -> JournalPage:
        return await read_levels.read_journal(self.dependencies, caller, sku, cursor=cursor, limit=limit)

    async def locations(self, caller: Caller) -> Sequence[StockLocation]:
        return await keep_locations.list_locations(self.dependencies, caller)

    async def put_location(self, caller: Caller, location: StockLocation) -> StockLocation:
        return await keep_locations.put_location(self.dependencies, caller, location)

    async def put_count(self, caller: Caller, identifier: str, *, location: str, state: CountState) -> StockCount:
        return await count_stock.put_count(self.dependencies, caller, identifier, location=location, state=state)

    async def count(self, caller: Caller, identifier: str) -> StockCount:
        return await count_stock.read_count(self.dependencies, caller, identifier)

    async def count_sku(self, caller: Caller, identifier: str, sku: str, counted_milli: int) -> StockCount:
        return await count_stock.count_sku(self.dependencies, caller, identifier, sku, counted_milli)

    async def import_levels(self, caller: Caller, rows: Sequence[StockRow]) -> StockImportReport:
        return await import_levels(self.dependencies, caller, rows)

    async def seed_demo(self) -> int:
        return await seed_demo(self.dependencies)

    async def verify(self, caller: Caller) -> Sequence[BrokenLevel]:
        return await verify_stock(self.dependencies, caller)
