"""CheckoutStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.orders.contract import CheckoutNotFound
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.ports.checkouts import StartedCheckout
from renga.domains.orders.stores.checkout_rows import (
    COLUMNS,
    PostgresCheckoutUnit,
    insert_quote,
    quote_of,
    record_of,
    row_of,
    started_answer,
)
from renga.kernel.clock import Clock
from renga.kernel.events import Event
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.inbox.postgres import PostgresInbox
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

SCHEMA = "orders"
#: The name under which heard events are remembered.
STARTED_CONSUMER = "orders.checkouts_started"

_ONE = f"SELECT {COLUMNS} FROM orders.checkouts WHERE id = $1"
_LOCK = f"{_ONE} FOR UPDATE"
_LIVE = f"SELECT {COLUMNS} FROM orders.checkouts WHERE cart_id = $1 AND state IN ('open', 'placing')"
_QUOTE = "SELECT document::text FROM orders.quotes WHERE id = $1"
# a concurrent insert for the same cart is waited for
_INSERT = """
    INSERT INTO orders.checkouts (id, cart_id, customer, state, version, created_ms, expires_ms, ended_ms, quote_id, details)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb)
    ON CONFLICT (cart_id) WHERE state IN ('open', 'placing') DO NOTHING RETURNING true
"""
_DUE = "SELECT id::text FROM orders.checkouts WHERE state = 'open' AND expires_ms <= $1 ORDER BY expires_ms LIMIT $2"
_FORGET = """
    DELETE FROM orders.checkouts WHERE id IN (SELECT id FROM orders.checkouts
        WHERE ended_ms < $1 ORDER BY ended_ms LIMIT $2 FOR UPDATE SKIP LOCKED)
"""
# what is being placed is the order's to erase
_ERASE = "DELETE FROM orders.checkouts WHERE customer = $1 AND state <> 'placing'"


class _NotStarted(Exception):
    """Rolls a start back."""


class PostgresCheckouts:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool, clock: Clock, secret: bytes) -> None:
        self._pool, self._clock = pool, clock
        self._answers = IdempotentAnswers(SCHEMA, secret)
        self._inbox = PostgresInbox(pool, SCHEMA, clock)

    async def checkout(self, checkout_id: str) -> CheckoutRecord | None:
        row = await calls.fetch_row(self._pool, _ONE, UUID(checkout_id))
        return None if row is None else record_of(row)

    async def live(self, cart_id: str) -> CheckoutRecord | None:
        row = await calls.fetch_row(self._pool, _LIVE, UUID(cart_id))
        return None if row is None else record_of(row)

    async def quote(self, quote_id: str) -> FrozenQuote | None:
        row = await calls.fetch_row(self._pool, _QUOTE, UUID(quote_id))
        return None if row is None else quote_of(row[0])

    @asynccontextmanager
    async def unit(self, checkout_id: str) -> AsyncIterator[PostgresCheckoutUnit]:
        async with calls.transaction(self._pool) as connection:
            row = await connection.fetchrow(_LOCK, UUID(checkout_id))
            if row is None:
                raise CheckoutNotFound()
            yield PostgresCheckoutUnit(connection, record_of(row), self._answers)

    async def start(
        self, checkout: CheckoutRecord, quote: FrozenQuote | None, events: Sequence[Event], once: Once | None = None
    ) -> bool:
        try:
            async with calls.transaction(self._pool) as connection:
                if once is not None:
                    if await self._answers.claim(connection, once, self._clock.now_ms()) is not None:
                        raise _NotStarted
                    await self._answers.keep(connection, once, started_answer(checkout.id, fresh=True))
                if not await self._insert(connection, checkout, events):
                    raise _NotStarted
                if quote is not None:
                    await insert_quote(connection, quote)
        except _NotStarted:
            return False
        return True

    async def start_heard(self, heard: Event, checkout: CheckoutRecord | None, events: Sequence[Event]) -> bool:
        started = False

        async def effect(connection: Any, event: Event) -> None:
            nonlocal started
            started = checkout is not None and await self._insert(connection, checkout, events)

        return await self._inbox.handle_once(STARTED_CONSUMER, heard, effect) and started

    async def _insert(self, connection: calls.Connection, checkout: CheckoutRecord, events: Sequence[Event]) -> bool:
        if not await connection.fetchval(_INSERT, *row_of(checkout)):
            return False
        await append(connection, SCHEMA, events)
        return True

    async def started(self, once: Once) -> StartedCheckout | None:
        async with calls.reading(self._pool) as connection:
            answer = await self._answers.find(connection, once)
        return None if answer is None else msgspec.json.decode(answer, type=StartedCheckout)

    async def due(self, now_ms: int, limit: int) -> Sequence[str]:
        return [row[0] for row in await calls.fetch(self._pool, _DUE, now_ms, limit)]

    async def forget(self, before_ms: int, limit: int) -> int:
        return int((await calls.execute(self._pool, _FORGET, before_ms, limit)).rpartition(" ")[2])

    async def erase(self, customer: str) -> None:
        await calls.execute(self._pool, _ERASE, customer)

    async def sweep_answers(self) -> int:
        """Delete old answers of repeated requests; returns how many."""
        async with calls.transaction(self._pool) as connection:
            return await self._answers.sweep(connection, self._clock.now_ms())

    async def sweep_heard(self) -> int:
        """Delete old records of handled events; returns how many."""
        return await self._inbox.sweep()
