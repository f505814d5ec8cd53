"""Links of accounts to external identities, in PostgreSQL."""

from typing import Any

import asyncpg
import msgspec

from renga.domains.identity.external.ports import ExternalIdentity
from renga.domains.identity.stores.audit_recording import record
from renga.domains.identity.stores.connection import Connection
from renga.platform.postgres import calls

LINKS_MAX = 50

_COLUMNS = "SELECT provider, subject, account_id::text AS account_id FROM identity.external_identities "
_LINK = """
    INSERT INTO identity.external_identities (provider, subject, account_id, linked_ms)
    VALUES ($1, $2, $3::text::uuid, $4) ON CONFLICT DO NOTHING RETURNING true
"""


class PostgresExternalIdentities:
    """ExternalIdentities on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def find(self, provider: str, subject: str) -> ExternalIdentity | None:
        query = _COLUMNS + "WHERE provider = $1 AND subject = $2"
        row = await calls.fetch_row(self._pool, query, provider, subject)
        return None if row is None else _identity(row)

    async def link(self, identity: ExternalIdentity, *, address: str, now_ms: int) -> bool:
        async with calls.transaction(self._pool) as connection:
            done = await connection.fetchval(_LINK, identity.provider, identity.subject, identity.account_id, now_ms)
            if done:
                await record(
                    connection,
                    action="external_identity_linked",
                    account_id=identity.account_id,
                    by=identity.account_id,
                    address=address,
                    details={"provider": identity.provider},
                    at_ms=now_ms,
                )
            return bool(done)

    async def of_account(self, account_id: str) -> tuple[ExternalIdentity, ...]:
        query = _COLUMNS + "WHERE account_id = $1::text::uuid ORDER BY provider LIMIT $2"
        return tuple(_identity(row) for row in await calls.fetch(self._pool, query, account_id, LINKS_MAX))


async def export(connection: Connection, account_id: str) -> dict[str, Any]:
    """The account's links and token families, for the export of personal data."""
    linked = await connection.fetch(_COLUMNS + "WHERE account_id = $1::text::uuid ORDER BY provider", account_id)
    families = await connection.fetch(
        "SELECT client_id, (grant_of->'scopes')::text AS scopes, created_ms, rotated_ms, revoked_ms "
        "FROM identity.refresh_families WHERE account_id = $1::text::uuid ORDER BY created_ms",
        account_id,
    )
    connections = [dict(row) | {"scopes": msgspec.json.decode(row["scopes"])} for row in families]
    return {"external_identities": [dict(row) for row in linked], "connections": connections}


async def erase(connection: Connection, account_id: str) -> None:
    """Delete an account's links, codes and families, in the erasure's transaction; idempotent."""
    for table in ("external_identities", "authorization_codes", "refresh_families"):
        await connection.execute(f"DELETE FROM identity.{table} WHERE account_id = $1::text::uuid", account_id)


def _identity(row: Any) -> ExternalIdentity:
    return ExternalIdentity(provider=row["provider"], subject=row["subject"], account_id=row["account_id"])
