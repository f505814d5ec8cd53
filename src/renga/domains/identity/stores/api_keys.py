"""API keys in PostgreSQL, each read with its creator's present state."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg

from renga.domains.identity.api_keys.model.key_format import prefix_of
from renga.domains.identity.contract import ApiKey, RateLimit
from renga.domains.identity.organisations.model import Standing
from renga.domains.identity.organisations.model.limits import USE_WRITTEN_MS
from renga.domains.identity.organisations.ports import KeyWork
from renga.domains.identity.stores.work import PostgresStore, PostgresWork
from renga.kernel.clock import from_rfc3339, rfc3339

_STANDING = """
    SELECT k.id, k.name, k.merchant_id::text, k.account_id::text, k.scopes, k.per_minute, k.burst, k.created_ms,
           k.expires_ms, k.last_used_ms, k.revoked_ms, k.hash, k.life_ms, k.successor, a.stakeholders, n.role
    FROM identity.api_keys k
    JOIN identity.accounts a ON a.id = k.account_id AND a.erased_ms IS NULL
    LEFT JOIN identity.members n ON n.merchant_id = k.merchant_id AND n.account_id = k.account_id
"""
_ONE = f"{_STANDING} WHERE k.id = $1"
_WORKING = f"""
    {_STANDING} WHERE k.id = $1 AND a.locked_ms IS NULL AND (
        k.merchant_id IS NULL OR EXISTS (
            SELECT FROM identity.merchants m WHERE m.id = k.merchant_id AND m.status = 'approved'
        )
    )
"""
_LOCKED = f"{_STANDING} WHERE k.id = $1 FOR UPDATE OF k"
_OWN = f"{_STANDING} WHERE k.account_id = $1 AND k.merchant_id IS NULL ORDER BY k.created_ms DESC, k.id LIMIT $2"
_MERCHANTS = f"{_STANDING} WHERE k.merchant_id = $1 ORDER BY k.created_ms DESC, k.id LIMIT $2"
_COUNT = """
    SELECT count(*) FROM identity.api_keys
    WHERE {owner} AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $2)
"""
_COUNT_OWN = _COUNT.format(owner="account_id = $1 AND merchant_id IS NULL")
_COUNT_MERCHANTS = _COUNT.format(owner="merchant_id = $1")
_ADD = """
    INSERT INTO identity.api_keys
        (id, hash, account_id, merchant_id, name, scopes, per_minute, burst, life_ms, created_ms, expires_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING RETURNING 1
"""
_SUPERSEDE = """
    UPDATE identity.api_keys SET successor = $2, expires_ms = least(coalesce(expires_ms, $3), $3) WHERE id = $1
"""
_REVOKE = "UPDATE identity.api_keys SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL"
# Rows are locked in key order, so that concurrent writers never deadlock.
_TOUCH = """
    WITH given AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS t (id, at_ms)),
    locked AS (
        SELECT k.id, given.at_ms FROM identity.api_keys k JOIN given USING (id)
        WHERE k.last_used_ms IS NULL OR k.last_used_ms + $3 <= given.at_ms ORDER BY k.id FOR UPDATE OF k
    )
    UPDATE identity.api_keys k SET last_used_ms = locked.at_ms FROM locked WHERE k.id = locked.id
"""


class PostgresKeyWork(PostgresWork):
    """``KeyWork`` on an open transaction."""

    async def locked(self, key_id: str) -> Standing | None:
        row = await self.connection.fetchrow(_LOCKED, key_id)
        return _standing(row) if row else None

    async def count_active(self, account_id: str, merchant_id: str | None) -> int:
        query, owner = (_COUNT_OWN, account_id) if merchant_id is None else (_COUNT_MERCHANTS, merchant_id)
        return int(await self.connection.fetchval(query, owner, self.now_ms))

    async def add(self, standing: Standing) -> bool:
        key = standing.key
        made = await self.connection.fetchrow(
            _ADD,
            key.id,
            standing.hash,
            key.account_id,
            key.merchant_id,
            key.name,
            list(key.scopes),
            key.limit.per_minute,
            key.limit.burst,
            standing.life_ms,
            from_rfc3339(key.created_at),
            standing.expires_ms,
        )
        return bool(made)

    async def supersede(self, key_id: str, successor: str, expires_ms: int) -> None:
        await self.connection.execute(_SUPERSEDE, key_id, successor, expires_ms)

    async def revoke(self, key_id: str) -> None:
        await self.connection.execute(_REVOKE, key_id, self.now_ms)


class PostgresApiKeys(PostgresStore):
    """``ApiKeyStore`` on a pool whose database has this domain's migrations."""

    @asynccontextmanager
    async def work(self) -> AsyncIterator[KeyWork]:
        async with self._transaction() as connection:
            yield PostgresKeyWork(connection, self._answers, self._clock)

    async def standing(self, key_id: str) -> Standing | None:
        rows = await self._fetch(_WORKING, key_id)
        return _standing(rows[0]) if rows else None

    async def of_owner(self, account_id: str, merchant_id: str | None, limit: int) -> Sequence[Standing]:
        query, owner = (_OWN, account_id) if merchant_id is None else (_MERCHANTS, merchant_id)
        return [_standing(row) for row in await self._fetch(query, owner, limit)]

    async def touch(self, uses: Mapping[str, int]) -> int:
        async with self._transaction() as connection:
            done = await connection.execute(_TOUCH, list(uses), list(uses.values()), USE_WRITTEN_MS)
        return int(done.rpartition(" ")[2])


def _standing(row: "asyncpg.Record") -> Standing:
    key = ApiKey(
        id=row["id"],
        name=row["name"],
        prefix=prefix_of(row["id"]),
        merchant_id=row["merchant_id"],
        account_id=row["account_id"],
        scopes=tuple(row["scopes"]),
        limit=RateLimit(per_minute=row["per_minute"], burst=row["burst"]),
        created_at=rfc3339(row["created_ms"]),
        expires_at=_when(row["expires_ms"]),
        last_used_at=_when(row["last_used_ms"]),
        revoked=row["revoked_ms"] is not None,
    )
    return Standing(
        key=key,
        hash=row["hash"],
        expires_ms=row["expires_ms"],
        life_ms=row["life_ms"],
        rotated=row["successor"] is not None,
        stakeholders=tuple(row["stakeholders"]),
        role=row["role"],
    )


def _when(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
