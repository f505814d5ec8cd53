"""The audit trail in PostgreSQL: read here, written by ``audit_recording.record``."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.identity.contract import AuditEntry
from renga.domains.identity.stores.connection import Connection
from renga.kernel.clock import rfc3339

_POSITION_MAX = 2**63 - 1
_ENTRIES = """
    SELECT position, at_ms, action, account_id::text AS account_id, by, address, details::text AS details
    FROM identity.audit WHERE position < $1 AND ($2::text IS NULL OR account_id = $2::text::uuid)
    ORDER BY position DESC LIMIT $3
"""


class PostgresTrail:
    """``ports.TrailRows`` on a unit's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def entries(self, account_id: str | None, *, limit: int, before: int | None) -> Sequence[AuditEntry]:
        position = _POSITION_MAX if before is None else before
        rows = await self._connection.fetch(_ENTRIES, position, account_id, limit)
        return [_entry(row) for row in rows]

    async def forget_addresses(self, account_id: str) -> None:
        await self._connection.execute(
            """
            UPDATE identity.audit SET address = ''
            WHERE (account_id = $1::text::uuid OR by = $1) AND address <> ''
            """,
            account_id,
        )


def _entry(row: "asyncpg.Record") -> AuditEntry:
    return AuditEntry(
        id=str(row["position"]),
        at=rfc3339(row["at_ms"]),
        action=row["action"],
        account_id=row["account_id"],
        by=row["by"],
        address=row["address"],
        details=msgspec.json.decode(row["details"]),
    )
