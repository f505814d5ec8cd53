"""CommissionStore on PostgreSQL: one row per version of the table."""

import asyncpg
import msgspec

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.domains.payments.finance.stores.trail import record
from renga.domains.payments.stores.commission_rates import NEWEST
from renga.platform.postgres import calls

_NEWEST = NEWEST.format(known="$1")
_PUT = """
    INSERT INTO payments.commission_tables (version, document, changed_ms, changed_by) VALUES ($1, $2::jsonb, $3, $4)
"""

_table = msgspec.json.Decoder(CommissionTable)


class PostgresCommissions:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def newest(self, known: int) -> CommissionTable | None:
        row = await calls.fetch_row(self._pool, _NEWEST, known)
        return None if row is None else _table.decode(row[0])

    async def put(self, table: CommissionTable, now_ms: int) -> bool:
        by, document = table.changed_by or "", msgspec.json.encode(table).decode()
        entry = TrailEntry(
            at_ms=now_ms, by=by, action="commissions_replaced", subject="commissions",
            details={"version": table.version, "rules": len(table.rules)},
        )  # fmt: skip
        try:
            async with calls.transaction(self._pool) as connection:
                await connection.execute(_PUT, table.version, document, now_ms, by)
                await record(connection, entry)
        except asyncpg.UniqueViolationError:
            return False
        return True
