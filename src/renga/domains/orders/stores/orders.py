"""OrderStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from renga.domains.orders.contract.errors import OrderNotFound
from renga.domains.orders.model.advancing_orders import OrderChange
from renga.domains.orders.model.order_record import KeptAdjustment, OrderNote, OrderRecord
from renga.domains.orders.ports.orders import PlacingAttempt, PlacingOutcome
from renga.domains.orders.stores.order_rows import ATTEMPT, ORDER, attempt_of, order_of, update_order
from renga.kernel.events import Event
from renga.platform.postgres import calls

_ATTEMPT = f"SELECT {ATTEMPT} FROM orders.attempts WHERE"
_ORDER = f"SELECT {ORDER} FROM orders.orders WHERE"
_PAGE = f"""
    {_ORDER} ($1::bool OR customer = $2 OR merchants && $3::text[])
    AND ($4::bigint IS NULL OR (created_ms, id) < ($4, $5::uuid))
    ORDER BY created_ms DESC, id DESC LIMIT $6
"""
_OWN = f"""
    {_ORDER} customer = $1 AND ($2::bigint IS NULL OR (created_ms, id) < ($2, $3::uuid))
    ORDER BY created_ms DESC, id DESC LIMIT $4
"""
_EVENTS = "SELECT type, at_ms, data::text FROM orders.order_events WHERE order_id = $1 ORDER BY sequence"
_OWED = "SELECT kind, amount, reason, at_ms FROM orders.order_adjustments WHERE order_id = $1 ORDER BY sequence"
_A, _O = (
    ", ".join(f"{letter}.{one.strip()}" for one in columns.split(","))
    for letter, columns in (("a", ATTEMPT), ("o", ORDER))
)
_OUTCOME = f"""
    SELECT {_A}, {_O},
        (SELECT coalesce(jsonb_agg(jsonb_build_object('type', type, 'at_ms', at_ms, 'data', data) ORDER BY sequence), '[]')
            FROM orders.order_events WHERE order_id = o.id)::text,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'amount', amount, 'reason', reason, 'at_ms', at_ms)
            ORDER BY sequence), '[]') FROM orders.order_adjustments WHERE order_id = o.id)::text
    FROM orders.attempts a LEFT JOIN orders.orders o ON o.id = a.order_id WHERE a.id = $1
"""
_ATTEMPT_COLUMNS = ATTEMPT.count(",") + 1
_FORGET = """
    DELETE FROM orders.attempts WHERE id IN (SELECT id FROM orders.attempts
        WHERE ended_ms < $1 ORDER BY ended_ms LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


_notes = msgspec.json.Decoder(tuple[OrderNote, ...])
_owed = msgspec.json.Decoder(tuple[KeptAdjustment, ...])


class PostgresOrderUnit:
    """Implements ``ports.orders.OrderUnit`` in an open transaction."""

    def __init__(self, connection: calls.Connection, order: OrderRecord) -> None:
        self.connection, self._order = connection, order

    @property
    def order(self) -> OrderRecord:
        return self._order

    async def save(self, change: OrderChange, events: Sequence[Event]) -> None:
        await update_order(self.connection, change, events)
        self._order = change.order


class PostgresOrders:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def attempt_by_key(self, key: bytes) -> PlacingAttempt | None:
        return await self._attempt("key = $1", key)

    async def attempt(self, attempt_id: str) -> PlacingAttempt | None:
        return await self._attempt("id = $1", UUID(attempt_id))

    async def last_attempt(self, checkout_id: str) -> PlacingAttempt | None:
        return await self._attempt("checkout_id = $1 ORDER BY created_ms DESC, id DESC LIMIT 1", UUID(checkout_id))

    async def attempt_of_order(self, order_id: str) -> PlacingAttempt | None:
        return await self._attempt("order_id = $1", UUID(order_id))

    async def outcome(self, attempt_id: str) -> PlacingOutcome | None:
        row = await calls.fetch_row(self._pool, _OUTCOME, UUID(attempt_id))
        if row is None:
            return None
        attempt, (*order, notes, owed) = attempt_of(row[:_ATTEMPT_COLUMNS]), row[_ATTEMPT_COLUMNS:]
        if order[0] is None:
            return PlacingOutcome(attempt, None)
        return PlacingOutcome(attempt, order_of(order), _notes.decode(notes), _owed.decode(owed))

    async def _attempt(self, where: str, value: object) -> PlacingAttempt | None:
        row = await calls.fetch_row(self._pool, f"{_ATTEMPT} {where}", value)
        return None if row is None else attempt_of(row)

    async def order(self, order_id: str) -> OrderRecord | None:
        row = await calls.fetch_row(self._pool, f"{_ORDER} id = $1", UUID(order_id))
        return None if row is None else order_of(row)

    async def lists(self, order_id: str) -> tuple[Sequence[OrderNote], Sequence[KeptAdjustment]]:
        async with calls.reading(self._pool) as connection:
            events = await connection.fetch(_EVENTS, UUID(order_id))
            owed = await connection.fetch(_OWED, UUID(order_id))
        return (
            [OrderNote(type=row[0], at_ms=row[1], data=msgspec.json.decode(row[2])) for row in events],
            [KeptAdjustment(kind=row[0], amount=row[1], reason=row[2], at_ms=row[3]) for row in owed],
        )

    @asynccontextmanager
    async def order_unit(self, order_id: str) -> AsyncIterator[PostgresOrderUnit]:
        async with calls.transaction(self._pool) as connection:
            row = await connection.fetchrow(f"{_ORDER} id = $1 FOR UPDATE", UUID(order_id))
            if row is None:
                raise OrderNotFound()
            yield PostgresOrderUnit(connection, order_of(row))

    async def page(
        self,
        *,
        customer: str | None,
        merchants: Sequence[str],
        everything: bool,
        before: tuple[int, str] | None,
        limit: int,
    ) -> Sequence[OrderRecord]:
        at_ms, at_id = (None, None) if before is None else (before[0], UUID(before[1]))
        if not everything and not merchants:
            rows = await calls.fetch(self._pool, _OWN, customer, at_ms, at_id, limit)
        else:
            rows = await calls.fetch(self._pool, _PAGE, everything, customer, list(merchants), at_ms, at_id, limit)
        return [order_of(row) for row in rows]

    async def forget_attempts(self, before_ms: int, limit: int) -> int:
        return int((await calls.execute(self._pool, _FORGET, before_ms, limit)).rpartition(" ")[2])
