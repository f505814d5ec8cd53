"""StockStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from renga.domains.inventory.model.stock import Item
from renga.domains.inventory.ports import StockUnit, StoredReservation
from renga.domains.inventory.stores.reading import (
    RESERVATION_COLUMNS,
    WHOLE_ITEMS,
    items_of,
    reservation_of,
)
from renga.domains.inventory.stores.unit import PostgresStockUnit
from renga.kernel.ids import canonical_uuid
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.postgres import calls

_BY_ID = f"SELECT {RESERVATION_COLUMNS} FROM inventory.reservations WHERE id = $1::uuid"
_BY_KEY = f"SELECT {RESERVATION_COLUMNS} FROM inventory.reservations WHERE key = $1"
_DUE = f"""
    SELECT {RESERVATION_COLUMNS} FROM inventory.reservations
    WHERE state = 'pending' AND expires_ms <= $1 ORDER BY expires_ms LIMIT $2
"""


class PostgresStock:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool, secret: bytes) -> None:
        self._pool = pool
        self._answers = IdempotentAnswers("inventory", secret)

    @asynccontextmanager
    async def unit(
        self, skus: Sequence[str], *, reservations: Sequence[str] = (), keys: Sequence[str] = (), lots: bool = False
    ) -> AsyncIterator[StockUnit]:
        async with calls.transaction(self._pool) as connection:
            unit = PostgresStockUnit(connection, self._answers)
            await unit.lock(skus, reservations, keys, lots=lots)
            yield unit

    async def items(self, skus: Sequence[str]) -> dict[str, Item]:
        rows = await calls.fetch(self._pool, WHOLE_ITEMS, list(skus))
        return items_of((row[:8] for row in rows), ((row[0], *row[8:]) for row in rows))

    async def find(self, name: str) -> StoredReservation | None:
        row = None
        if identifier := canonical_uuid(name):
            row = await calls.fetch_row(self._pool, _BY_ID, identifier)
        if row is None:
            row = await calls.fetch_row(self._pool, _BY_KEY, name)
        return None if row is None else reservation_of(row)

    async def due(self, now_ms: int, limit: int) -> Sequence[StoredReservation]:
        return [reservation_of(row) for row in await calls.fetch(self._pool, _DUE, now_ms, limit)]

    async def forget_answers(self, now_ms: int) -> int:
        async with calls.transaction(self._pool) as connection:
            return await self._answers.sweep(connection, now_ms)
