"""StockUnit on PostgreSQL: rows locked in sorted order, and everything written in one statement per table."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from renga.domains.inventory.contract import CountChanged, CountClosed
from renga.domains.inventory.model.stock import Item, Lot, Waiting
from renga.domains.inventory.ports import EndedCount, KeyTaken, StockChanges, StoredReservation
from renga.domains.inventory.stores import writing
from renga.domains.inventory.stores.reading import (
    ITEM_COLUMNS,
    LEVELS,
    RESERVATION_COLUMNS,
    items_of,
    reservation_of,
)
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

#: Promises of one sku that are looked at in one transaction; the next receipt or release serves the next ones.
WAITING_MAX = 500

#: Rows are locked in the index's order, which is the order of the primary key (C collation).
_LOCK = f"""
    SELECT {ITEM_COLUMNS} FROM inventory.items WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE
"""
_RESERVATIONS = f"""
    SELECT {RESERVATION_COLUMNS} FROM inventory.reservations WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE
"""
_BY_KEY = f"SELECT {RESERVATION_COLUMNS} FROM inventory.reservations WHERE key = ANY($1::text[])"
_WAITING = """
    SELECT w.sku, w.position, w.reservation, w.quantity FROM unnest($1::text[]) AS wanted (sku)
    CROSS JOIN LATERAL (SELECT * FROM inventory.waiting WHERE sku = wanted.sku ORDER BY position LIMIT $2) w
    UNION SELECT sku, position, reservation, quantity FROM inventory.waiting WHERE reservation = ANY($3::uuid[])
    ORDER BY position
"""
_LOTS = """
    SELECT sku, location, lot, expires_on, on_hand FROM inventory.lots WHERE sku = ANY($1::text[])
    ORDER BY expires_on NULLS LAST, lot
"""

_END_COUNT = """
    UPDATE inventory.counts SET state = $2, closed_ms = $3 WHERE id = $1 AND state = 'open' RETURNING true
"""
_FOUND = """
    UPDATE inventory.count_lines SET found = n.found
    FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS n (sku, found, counted)
    WHERE count = $1 AND count_lines.sku = n.sku AND count_lines.counted = n.counted
"""
_NOT_FOUND = "SELECT true FROM inventory.count_lines WHERE count = $1 AND found IS NULL LIMIT 1"


class PostgresStockUnit:
    """In an open transaction."""

    def __init__(self, connection: calls.Connection, answers: IdempotentAnswers) -> None:
        self._connection, self._answers = connection, answers
        self.items: dict[str, Item] = {}
        self.reservations: dict[str, StoredReservation] = {}
        self.by_key: dict[str, str] = {}
        self.waiting: dict[str, list[Waiting]] = {}
        self.lots: dict[tuple[str, str], list[Lot]] = {}

    async def lock(self, skus: Sequence[str], reservations: Sequence[str], keys: Sequence[str], *, lots: bool) -> None:
        wanted = sorted(set(skus))
        rows = await self._connection.fetch(_LOCK, wanted) if wanted else []
        counted = [row[0] for row in rows]
        self.items = items_of(rows, await self._connection.fetch(LEVELS, counted) if counted else [])
        ids = set(reservations)
        promised = [sku for sku, item in self.items.items() if item.backordered]
        if promised:
            ids |= await self._read_waiting(promised, sorted(ids))
        if ids:
            for row in await self._connection.fetch(_RESERVATIONS, [UUID(one) for one in sorted(ids)]):
                self._keep(reservation_of(row))
        if keys:
            for row in await self._connection.fetch(_BY_KEY, list(keys)):
                self._keep(reservation_of(row))
        if lots and counted:
            await self._read_lots(counted)

    def _keep(self, stored: StoredReservation) -> None:
        self.reservations[stored.reservation.id] = stored
        self.by_key[stored.reservation.key] = stored.reservation.id

    async def _read_waiting(self, skus: list[str], reservations: list[str]) -> set[str]:
        """Returns the reservations that wait."""
        ids = set()
        own = [UUID(one) for one in reservations]
        for row in await self._connection.fetch(_WAITING, skus, WAITING_MAX, own):
            one = Waiting(position=row[1], reservation=str(row[2]), quantity=row[3])
            self.waiting.setdefault(row[0], []).append(one)
            ids.add(one.reservation)
        return ids

    async def _read_lots(self, skus: list[str]) -> None:
        for row in await self._connection.fetch(_LOTS, skus):
            lot = Lot(lot=row[2], expires_on=row[3], on_hand=row[4])
            self.lots.setdefault((row[0], row[1]), []).append(lot)

    async def claim(self, once: Once, now_ms: int) -> bytes | None:
        return await self._answers.claim(self._connection, once, now_ms)

    async def keep(self, once: Once, answer: bytes) -> None:
        await self._answers.keep(self._connection, once, answer)

    async def write(self, changes: StockChanges) -> None:
        statements = (
            writing.new_items([self.items[sku] for sku in sorted(changes.items) if not self.items[sku].stored]),
            writing.changed_items([self.items[sku] for sku in sorted(changes.items) if self.items[sku].stored]),
            writing.new_levels([one for one in self._levels(changes) if not one[1].stored]),
            writing.changed_levels([one for one in self._levels(changes) if one[1].stored]),
            writing.changed_reservations(list(changes.changed.values())),
            writing.movements(changes.movements, changes.at_ms),
            writing.lots(changes.lots),
        )
        try:
            await self._run(writing.new_reservations(changes.new))
        except asyncpg.UniqueViolationError as error:
            raise KeyTaken() from error
        for statement in statements:
            await self._run(statement)
        # after the items and reservations that they refer to
        for statement in (
            writing.promised(changes.promised),
            writing.served(changes.waiting),
            writing.done(changes.waiting),
        ):
            await self._run(statement)
        if changes.count is not None:
            await self._end_count(changes.count, changes.at_ms)
        await append(self._connection, "inventory", changes.events)

    async def _end_count(self, count: EndedCount, now_ms: int) -> None:
        """Raises CountClosed, CountChanged: somebody else was faster."""
        identifier = UUID(count.id)
        if await self._connection.fetchval(_END_COUNT, identifier, count.state, now_ms) is None:
            raise CountClosed("somebody else has ended this stock count meanwhile")
        if count.state != "applied":
            return
        skus = list(count.found)
        counted = [count.counted[sku] for sku in skus]
        await self._connection.execute(_FOUND, identifier, skus, list(count.found.values()), counted)
        if await self._connection.fetchval(_NOT_FOUND, identifier):
            raise CountChanged()

    def _levels(self, changes: StockChanges) -> list[writing.SkuLevel]:
        return [(sku, self.items[sku].levels[location]) for sku, location in sorted(changes.levels)]

    async def _run(self, statement: writing.Statement | None) -> None:
        if statement is not None:
            await self._connection.execute(statement.sql, *statement.arguments)
