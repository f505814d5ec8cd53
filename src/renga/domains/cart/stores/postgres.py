"""The snapshot read model in PostgreSQL."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

import asyncpg
import msgspec

from renga.domains.cart.contract import StoreUnavailable
from renga.domains.cart.ports import Snapshot
from renga.platform.postgres.errors import DatabaseUnavailable, database_errors

T = TypeVar("T")

_SAVE = """
INSERT INTO cart.snapshots AS held (cart_id, version, restores, state, expires_ms, fields)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::bigint[], $6::jsonb[])
ON CONFLICT (cart_id) DO UPDATE SET version = excluded.version, restores = excluded.restores, state = excluded.state,
       expires_ms = excluded.expires_ms, fields = excluded.fields
 WHERE (excluded.restores, excluded.version) >= (held.restores, held.version)
"""
_FIND = "SELECT version, restores, state, expires_ms, fields::text FROM cart.snapshots WHERE cart_id = $1::text::uuid"
_OVERDUE = """
SELECT cart_id::text FROM cart.snapshots
 WHERE state IN ('open', 'checkout', 'merging') AND expires_ms < $1 ORDER BY expires_ms LIMIT $2
"""
_FORGET = """
DELETE FROM cart.snapshots WHERE cart_id IN (
    SELECT cart_id FROM cart.snapshots
     WHERE state NOT IN ('open', 'checkout', 'merging') AND expires_ms < $1 ORDER BY expires_ms LIMIT $2)
"""


class PostgresSnapshots:
    """Implements ``Snapshots``."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        # in one order everywhere, so that two writers of the same carts cannot block each other for good
        ordered = sorted(snapshots, key=lambda s: s.cart_id)
        await reaching(
            self._pool.execute(
                _SAVE,
                [s.cart_id for s in ordered],
                [s.version for s in ordered],
                [s.restores for s in ordered],
                [s.state for s in ordered],
                [s.expires_ms for s in ordered],
                [msgspec.json.encode(s.fields).decode() for s in ordered],
            )
        )

    async def find(self, cart_id: str) -> Snapshot | None:
        row = await reaching(self._pool.fetchrow(_FIND, cart_id))
        if row is None:
            return None
        version, restores, state, expires_ms, fields = row
        return Snapshot(
            cart_id=cart_id,
            version=version,
            restores=restores,
            state=state,
            expires_ms=expires_ms,
            fields=msgspec.json.decode(fields, type=dict[str, str]),
        )

    async def overdue(self, before_ms: int, limit: int) -> Sequence[str]:
        return [row[0] for row in await reaching(self._pool.fetch(_OVERDUE, before_ms, limit))]

    async def forget(self, before_ms: int, limit: int) -> int:
        status = await reaching(self._pool.execute(_FORGET, before_ms, limit))
        return int(status.rpartition(" ")[2])


async def reaching(query: Awaitable[T]) -> T:
    """The query's result; a database that is away is StoreUnavailable."""
    try:
        with database_errors():
            return await query
    except DatabaseUnavailable as error:
        raise StoreUnavailable("the cart's database is away") from error
