"""The outbox of a SQL domain: rows written in the transaction of the change."""

import re
from collections.abc import Sequence

import asyncpg

from renga.kernel.errors import Unavailable
from renga.kernel.events import Event, decode, encode
from renga.platform.outbox.port import Pending
from renga.platform.postgres import calls

#: Deadline of one statement.
CALL_TIMEOUT_S = 5.0
#: Tells, with the schema, that events were committed; sessions that listen are woken.
CHANNEL = "renga_outbox"
#: Most events of one append.
APPEND_MAX = 10_000

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class OutboxUnavailable(Unavailable):
    code = "outbox_unavailable"
    title = "The outbox's database is away"


class PostgresOutbox:
    """``<schema>.outbox`` as an ``Outbox``.

    Positions are assigned at insert, not at commit: of two open transactions the later position may become visible first.
    Events of one subject keep their order if the transaction locks the subject's row before it appends.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", schema: str, *, name: str | None = None) -> None:
        self.pool, self.schema, self._name = pool, schema, name or schema
        self._read = f"SELECT position, event::text FROM {_table(schema)} ORDER BY position LIMIT $1"
        self._trim = f"DELETE FROM {_table(schema)} WHERE position = ANY($1::bigint[])"

    @property
    def name(self) -> str:
        return self._name

    async def read(self, limit: int) -> Sequence[Pending]:
        try:
            rows = await calls.fetch(self.pool, self._read, limit)
        except (asyncpg.PostgresError, Unavailable) as error:
            raise OutboxUnavailable(f"{type(error).__name__}: {error}") from error
        return [Pending(str(row[0]), decode(row[1])) for row in rows]

    async def trim(self, positions: Sequence[str]) -> None:
        try:
            await calls.execute(self.pool, self._trim, [int(position) for position in positions])
        except (asyncpg.PostgresError, Unavailable) as error:
            raise OutboxUnavailable(f"{type(error).__name__}: {error}") from error


async def append(connection: "asyncpg.Connection[asyncpg.Record]", schema: str, events: Sequence[Event]) -> None:
    """Add events, in this order, to the outbox of a schema, in the connection's open transaction. One round trip.

    Raises ValueError for more than APPEND_MAX events; asyncpg's errors are raised unchanged (the transaction is the caller's).
    """
    if len(events) > APPEND_MAX:
        raise ValueError(f"at most {APPEND_MAX} events in one append, not {len(events)}")
    if events:
        statement = f"""
            WITH added AS (
                INSERT INTO {_table(schema)} (event)
                SELECT body::jsonb FROM unnest($1::text[]) WITH ORDINALITY AS given (body, place) ORDER BY place
            )
            SELECT pg_notify('{CHANNEL}', '{schema}')
        """
        await connection.execute(statement, [encode(event).decode() for event in events], timeout=CALL_TIMEOUT_S)


def _table(schema: str) -> str:
    if not _IDENTIFIER.fullmatch(schema):
        raise ValueError(f"{schema!r} is not a schema name")
    return f'"{schema}".outbox'
