"""StockStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from renga.domains.inventory.model.stock import Item
from renga.domains.inventory.ports import StockUnit, StoredReservation
from renga.domains.inventory.stores.reading import (
    ITEM_COLUMNS,
    LEVELS,
    RESERVATION_COLUMNS,
    items_of,
    reservation_of,
)
from renga.domains.inventory.stores.unit import PostgresStockUnit
from renga.kernel.ids import canonical_uuid
from renga.platform.postgres import calls

_ITEMS = f"SELECT {ITEM_COLUMNS} FROM inventory.items WHERE sku = ANY($1::text[])"
_BY_ID = f"SELECT {RESERVATION_COLUMNS} FROM inventory.reservations WHERE id = $1::uuid"
_BY_KEY = f"SELECT {RESERVATION_COLUMNS} FROM inventory.reservations WHERE key = $1"
_DUE = f"""
    SELECT {RESERVATION_COLUMNS} FROM inventory.reservations
    WHERE state = 'pending' AND expires_ms <= $1 ORDER BY expires_ms LIMIT $2
"""


class PostgresStock:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def unit(
        self, skus: Sequence[str], *, reservations: Sequence[str] = (), keys: Sequence[str] = (), lots: bool = False
    ) -> AsyncIterator[StockUnit]:
        async with calls.transaction(self._pool) as connection:
            unit = PostgresStockUnit(connection)
            await unit.lock(skus, reservations, keys, lots=lots)
            yield unit

    async def items(self, skus: Sequence[str]) -> dict[str, Item]:
        async with calls.reading(self._pool) as connection:
            # one snapshot for both, or a level of another moment could be paired with an item
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                wanted = list(skus)
                return items_of(await connection.fetch(_ITEMS, wanted), await connection.fetch(LEVELS, wanted))

    async def find(self, name: str) -> StoredReservation | None:
        row = None
        if identifier := canonical_uuid(name):
            row = await calls.fetch_row(self._pool, _BY_ID, identifier)
        if row is None:
            row = await calls.fetch_row(self._pool, _BY_KEY, name)
        return None if row is None else reservation_of(row)

    async def due(self, now_ms: int, limit: int) -> Sequence[StoredReservation]:
        return [reservation_of(row) for row in await calls.fetch(self._pool, _DUE, now_ms, limit)]
