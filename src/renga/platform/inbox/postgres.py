"""``<schema>.inbox``: which consumer has handled which event, written in the transaction of the event's effect."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from renga.kernel.clock import Clock
from renga.kernel.events import Event
from renga.platform.bus.port import Consumer
from renga.platform.postgres.errors import database_errors

#: Deadline of one statement.
CALL_TIMEOUT_S = 5.0
#: Most records that one sweep deletes.
SWEEP_MAX = 10_000
#: Records are kept this long: longer than the bus may redeliver an event.
RETENTION_MS = 30 * 24 * 3600 * 1000

#: The effect of an event, given a connection with an open transaction.
Effect = Callable[[Any, Event], Awaitable[None]]
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def inbox_tables(schema: str) -> tuple[str, ...]:
    """The statements of a domain's migration that create its inbox."""
    table = _table(schema)
    return (
        f"""
        CREATE TABLE {table} (
            consumer   text   NOT NULL,
            event_id   text   NOT NULL,
            handled_ms bigint NOT NULL,
            PRIMARY KEY (consumer, event_id)
        )
        """,
        f"CREATE INDEX inbox_handled ON {table} (handled_ms)",
    )


class PostgresInbox:
    """Handles each event once per consumer. Of two simultaneous deliveries one waits for the other's outcome."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", schema: str, clock: Clock) -> None:
        self._pool, self._clock, self._table = pool, clock, _table(schema)
        self._record = f"""
            INSERT INTO {self._table} (consumer, event_id, handled_ms) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING RETURNING true
        """

    async def handle_once(self, consumer: str, event: Event, effect: Effect) -> bool:
        """Run the effect and record the event, or neither; False if it was handled before.

        Errors of the effect are raised unchanged. Raises DatabaseUnavailable, DatabaseOutcomeUnknown (deliver the event again).
        """
        with database_errors(writes=True):
            async with self._pool.acquire(timeout=CALL_TIMEOUT_S) as connection, connection.transaction():
                values = (consumer, event.id, self._clock.now_ms())
                if not await connection.fetchval(self._record, *values, timeout=CALL_TIMEOUT_S):
                    return False
                await effect(connection, event)
                return True

    def consumer(self, name: str, patterns: tuple[str, ...], effect: Effect, **bounds: Any) -> Consumer:
        """A Consumer of the bus that handles each event once; ``bounds`` are those of ``Consumer``."""

        async def handle(events: Sequence[Event]) -> None:
            for event in events:
                await self.handle_once(name, event, effect)

        return Consumer(name=name, patterns=patterns, handler=handle, **bounds)

    async def sweep(self, *, retention_ms: int = RETENTION_MS) -> int:
        """Delete records older than the retention, at most SWEEP_MAX; returns how many."""
        statement = f"""
            DELETE FROM {self._table} WHERE (consumer, event_id) IN (
                SELECT consumer, event_id FROM {self._table} WHERE handled_ms < $1 ORDER BY handled_ms LIMIT $2)
        """
        with database_errors(writes=True):
            until_ms = self._clock.now_ms() - retention_ms
            done = await self._pool.execute(statement, until_ms, SWEEP_MAX, timeout=CALL_TIMEOUT_S)
        return int(done.rpartition(" ")[2])


def _table(schema: str) -> str:
    if not _IDENTIFIER.fullmatch(schema):
        raise ValueError(f"{schema!r} is not a schema name")
    return f'"{schema}".inbox'
