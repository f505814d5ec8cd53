"""Signing keys in PostgreSQL; an advisory lock serialises changes."""

from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec

from renga.domains.identity.oauth.ports import KeyRow
from renga.domains.identity.stores.audit_recording import record
from renga.platform.postgres import calls

#: The advisory lock for changes of the keys (an arbitrary number).
LOCK = 0x6964656B657973

_ALL = """
    SELECT kid, state, public::text AS public, private, created_ms, changed_ms
    FROM identity.signing_keys ORDER BY created_ms, kid
"""
_PUT = """
    INSERT INTO identity.signing_keys (kid, state, public, private, created_ms, changed_ms)
    VALUES ($1, $2, $3::text::jsonb, $4, $5, $6)
    ON CONFLICT (kid) DO UPDATE SET state = excluded.state, changed_ms = excluded.changed_ms
"""


class PostgresSigningKeys:
    """SigningKeyStore on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def all(self) -> tuple[KeyRow, ...]:
        return tuple(_row(row) for row in await calls.fetch(self._pool, _ALL))

    async def change(self, decide: Callable[[tuple[KeyRow, ...]], tuple[KeyRow, ...]]) -> tuple[KeyRow, ...]:
        async with calls.transaction(self._pool) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            before = tuple(_row(row) for row in await connection.fetch(_ALL))
            after = decide(before)
            if after != before:
                await self._write(connection, before, after)
            return after

    async def _write(self, connection: Any, before: tuple[KeyRow, ...], after: tuple[KeyRow, ...]) -> None:
        left = [row.kid for row in after]
        await connection.execute("DELETE FROM identity.signing_keys WHERE kid <> ALL($1::text[])", left)
        # retire first, because at most one key of an algorithm is active
        for row in sorted(after, key=lambda one: one.state, reverse=True):
            public = msgspec.json.encode(row.public).decode()
            await connection.execute(_PUT, row.kid, row.state, public, row.private, row.created_ms, row.changed_ms)
        known = {row.kid: row.state for row in before}
        changed = {row.kid: row.state for row in after if known.get(row.kid) != row.state}
        await record(
            connection,
            action="signing_keys_rotated",
            account_id=None,
            by="system",
            address="",
            details={"states": changed, "removed": sorted(set(known) - set(left))},
            at_ms=max(row.changed_ms for row in after),
        )


def _row(row: Any) -> KeyRow:
    return KeyRow(
        kid=row["kid"],
        state=row["state"],
        public=msgspec.json.decode(row["public"], type=dict[str, str]),
        private=row["private"],
        created_ms=row["created_ms"],
        changed_ms=row["changed_ms"],
    )
