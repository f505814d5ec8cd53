"""Codes, refresh families and revocations in PostgreSQL; each change with its audit entry in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
import msgspec

from renga.domains.identity.oauth.model import AuthorizationCode, Family, Grant
from renga.domains.identity.oauth.model.errors import GrantRefused, OAuthError
from renga.domains.identity.oauth.ports import Redemption, Rotation, Verdict
from renga.domains.identity.stores import oauth_sql as sql
from renga.domains.identity.stores.audit_recording import record
from renga.kernel.revocation import Revocation
from renga.platform.postgres import calls

#: Rows that one purge deletes from each table.
PURGE_MAX = 10_000
#: Used codes and ended families are kept this long, to detect replays and for support.
KEEP_MS = 7 * 86_400_000

_code = msgspec.json.Decoder(AuthorizationCode)
_grant = msgspec.json.Decoder(Grant)
_revocation = msgspec.json.Decoder(Revocation)


class PostgresTokens:
    """TokenStore on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def keep_code(self, code_hash: bytes, family_id: str, code: AuthorizationCode) -> None:
        async with self._transaction() as connection:
            await connection.execute(
                sql.KEEP_CODE, code_hash, code.grant.account_id, _json(code), family_id, code.expires_ms
            )

    async def redeem(
        self,
        code_hash: bytes,
        *,
        check: Callable[[AuthorizationCode], OAuthError | None],
        begin: Callable[[AuthorizationCode, str], Family],
        end: Callable[[Family], Revocation],
        address: str,
        now_ms: int,
    ) -> Redemption:
        async with self._transaction() as connection:
            row = await connection.fetchrow(sql.LOCK_CODE, code_hash)
            if row is None:
                return Redemption(error=GrantRefused())
            code, family_id = _code.decode(row["code"]), row["family_id"]
            if row["used_ms"] is not None:
                ended = await self._replayed(connection, family_id, end, address, now_ms)
                return Redemption(error=GrantRefused("this code was used before"), ended=ended)
            await connection.execute(sql.USE_CODE, code_hash, now_ms)
            if (error := check(code)) is not None:
                return Redemption(code=code, error=error)
            family = begin(code, family_id)
            await connection.execute(
                sql.ADD_FAMILY,
                *(family.id, family.grant.account_id, family.grant.client_id, _json(family.grant), family.seed),
                *(family.created_ms, family.rotated_ms, family.expires_ms),
            )
            await record(
                connection,
                action="client_connected",
                account_id=family.grant.account_id,
                by=family.grant.client_id,
                address=address,
                details={"family": family.id, "scopes": list(family.grant.scopes)},
                at_ms=now_ms,
            )
            return Redemption(code=code, family=family)

    async def _replayed(
        self, connection: Any, family_id: str, end: Callable[[Family], Revocation], address: str, now_ms: int
    ) -> Revocation | None:
        row = await connection.fetchrow(sql.LOCK_FAMILY, family_id)
        if row is None:
            return None
        return await self._end_family(connection, _family(row), end, "authorization_code_replayed", address, now_ms)

    async def find_family(self, family_id: str) -> Family | None:
        row = await calls.fetch_row(self._pool, sql.FIND_FAMILY, family_id)
        return None if row is None else _family(row)

    async def rotate(
        self,
        family_id: str,
        *,
        judge: Callable[[Family], Verdict],
        end: Callable[[Family], Revocation],
        address: str,
        now_ms: int,
    ) -> Rotation:
        async with self._transaction() as connection:
            row = await connection.fetchrow(sql.LOCK_FAMILY, family_id)
            if row is None:
                return Rotation(verdict="refuse")
            family = _family(row)
            verdict = judge(family)
            ended = None
            if verdict == "rotate":
                family = msgspec.structs.replace(family, generation=family.generation + 1, rotated_ms=now_ms)
                await connection.execute(sql.ROTATE, family.id, family.generation, now_ms)
            elif verdict == "end":
                ended = await self._end_family(connection, family, end, "refresh_token_reused", address, now_ms)
            return Rotation(verdict=verdict, family=family, ended=ended)

    async def end(
        self,
        revocation: Revocation,
        *,
        action: str,
        account_id: str | None,
        by: str | None,
        address: str,
        now_ms: int,
    ) -> None:
        async with self._transaction() as connection:
            await connection.execute(sql.ADD_REVOCATION, _json(revocation), revocation.until_s * 1000)
            if revocation.kind in sql.END_FAMILIES:
                subjects = revocation.subject.split(" ", 1) if revocation.kind == "grant" else [revocation.subject]
                await connection.execute(sql.END_FAMILIES[revocation.kind], now_ms, action, *subjects)
            details = {"kind": revocation.kind, "subject": revocation.subject}
            await record(
                connection,
                action=action,
                account_id=account_id,
                by=by,
                address=address,
                details=details,
                at_ms=now_ms,
            )

    async def unannounced(self, *, everything: bool, now_ms: int, limit: int) -> Sequence[tuple[int, Revocation]]:
        rows = await calls.fetch(self._pool, sql.ALL_LIVE if everything else sql.UNTOLD, now_ms, limit)
        return [(row[0], _revocation.decode(row[1])) for row in rows]

    async def mark_announced(self, positions: Sequence[int]) -> None:
        await calls.execute(self._pool, sql.ANNOUNCED, list(positions))

    async def purge(self, now_ms: int) -> int:
        gone = 0
        for statement in sql.PURGE:
            async with self._transaction() as connection:
                gone += int(await connection.fetchval(statement, now_ms - KEEP_MS, PURGE_MAX))
        return gone

    async def _end_family(
        self,
        connection: Any,
        family: Family,
        end: Callable[[Family], Revocation],
        action: str,
        address: str,
        now_ms: int,
    ) -> Revocation:
        revocation = end(family)
        await connection.execute(sql.END_FAMILIES["family"], now_ms, action, family.id)
        await connection.execute(sql.ADD_REVOCATION, _json(revocation), revocation.until_s * 1000)
        await record(
            connection,
            action=action,
            account_id=family.grant.account_id,
            by=family.grant.client_id,
            address=address,
            details={"family": family.id, "generation": family.generation},
            at_ms=now_ms,
        )
        return revocation

    def _transaction(self) -> AbstractAsyncContextManager[Any]:
        return calls.transaction(self._pool)


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _family(row: Any) -> Family:
    return Family(
        id=row["id"],
        grant=_grant.decode(row["grant_of"]),
        seed=row["seed"],
        generation=row["generation"],
        created_ms=row["created_ms"],
        rotated_ms=row["rotated_ms"],
        expires_ms=row["expires_ms"],
        revoked_ms=row["revoked_ms"],
    )
