"""SettlementStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import msgspec

from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.settlements import SettlementFile, SettlementLine, SettlementReport
from renga.domains.payments.finance.model.payout_schedule import parsed_day
from renga.domains.payments.finance.model.settling import SettledMeans
from renga.domains.payments.finance.ports.settlements import SettlementUnit
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.domains.payments.finance.stores.trail import record
from renga.domains.payments.stores.ledger_writing import post
from renga.platform.postgres import calls

#: Deadline of the transaction of one file.
IMPORT_S = 300.0
LINE_COLUMNS = "id, ref, kind, currency, gross, fee, net, number, of"

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('renga settlement ' || $1, 0))"
_IMPORTED = "SELECT digest, report::text FROM payments.settlement_files WHERE provider = $1 AND id = $2"
_LINES = f"SELECT {LINE_COLUMNS} FROM payments.settlement_lines WHERE provider = $1 AND id = ANY($2::text[])"
SETTLED = """
    SELECT coalesce(sum(l.gross) FILTER (WHERE l.kind = 'capture'), 0)::bigint AS settled_captured,
        coalesce(-sum(l.gross) FILTER (WHERE l.kind = 'refund'), 0)::bigint AS settled_refunded
    FROM payments.settlement_lines l WHERE l.provider = m.provider AND l.ref = m.provider_ref
"""
_MEANS = f"""
    SELECT m.provider_ref, p.reference, p.currency, m.captured, m.refunded, s.settled_captured, s.settled_refunded
    FROM payments.means m JOIN payments.payments p ON p.id = m.payment CROSS JOIN LATERAL ({SETTLED}) AS s
    WHERE m.provider = $1 AND m.provider_ref = ANY($2::text[])
"""
_OWED = """
    SELECT m.provider_ref, e.account, sum(e.amount)::bigint AS rest
    FROM payments.means m JOIN payments.payments p ON p.id = m.payment
    JOIN payments.ledger_transactions t ON t.reference = p.reference
    JOIN payments.ledger_entries e ON e.transaction = t.id AND e.currency = p.currency
    WHERE m.provider = $1 AND m.provider_ref = ANY($2::text[])
        AND (e.account = 'clearing:' || m.provider OR e.account LIKE 'receivable:' || m.provider || ':%')
    GROUP BY m.provider_ref, e.account
"""
_BEGIN = """
    INSERT INTO payments.settlement_files (provider, id, day, digest, report, imported_ms, imported_by)
    VALUES ($1, $2, $3, $4, '{}', $5, $6)
"""
_WRITE = f"""
    INSERT INTO payments.settlement_lines (provider, file, {LINE_COLUMNS}, reference)
    SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
        $10::integer[], $11::integer[], $12::text[])
"""
_FINISH = "UPDATE payments.settlement_files SET report = $3::jsonb WHERE provider = $1 AND id = $2"
_FILES = """
    SELECT report::text FROM payments.settlement_files
    WHERE provider = $1 AND ($2::date IS NULL OR (day, id) < ($2, $3)) ORDER BY day DESC, id DESC LIMIT $4
"""
_HAS_DAY = "SELECT true FROM payments.settlement_files WHERE provider = $1 AND day = $2 LIMIT 1"

_report = msgspec.json.Decoder(SettlementReport)


class PostgresSettlementUnit:
    """In an open transaction, under the lock of the provider's imports."""

    def __init__(self, connection: calls.Connection, provider: str) -> None:
        self._connection, self._provider = connection, provider

    async def lock(self) -> None:
        await self._connection.execute(_LOCK, self._provider)

    async def imported(self, file_id: str) -> tuple[bytes, SettlementReport] | None:
        row = await self._connection.fetchrow(_IMPORTED, self._provider, file_id)
        return None if row is None else (bytes(row[0]), _report.decode(row[1]))

    async def lines(self, ids: Sequence[str]) -> dict[str, SettlementLine]:
        rows = await self._connection.fetch(_LINES, self._provider, list(ids))
        return {row["id"]: line_of(row) for row in rows}

    async def means(self, refs: Sequence[str], *, owed: Sequence[str]) -> dict[str, SettledMeans]:
        rows = await self._connection.fetch(_MEANS, self._provider, list(refs))
        left: dict[str, dict[str, int]] = {}
        for ref, account, rest in await self._connection.fetch(_OWED, self._provider, list(owed)) if owed else ():
            left.setdefault(ref, {})[account] = rest
        return {
            row["provider_ref"]: SettledMeans(
                reference=row["reference"],
                currency=row["currency"],
                captured=row["captured"],
                refunded=row["refunded"],
                settled_captured=row["settled_captured"],
                settled_refunded=row["settled_refunded"],
                owed=left.get(row["provider_ref"], {}),
            )
            for row in rows
        }

    async def begin(self, file: SettlementFile, digest: bytes, by: str, now_ms: int) -> None:
        await self._connection.execute(_BEGIN, self._provider, file.id, parsed_day(file.day), digest, now_ms, by)

    async def write(
        self,
        file_id: str,
        lines: Sequence[tuple[SettlementLine, str]],
        transactions: Sequence[LedgerTransaction],
        now_ms: int,
    ) -> None:
        columns = [
            [getattr(line, name) for line, _ in lines]
            for name in ("id", "ref", "kind", "currency", "gross", "fee", "net", "number", "of")
        ]
        references = [reference for _, reference in lines]
        await self._connection.execute(_WRITE, self._provider, file_id, *columns, references)
        await post(self._connection, transactions, now_ms)

    async def finish(self, report: SettlementReport, entry: TrailEntry) -> None:
        await self._connection.execute(
            _FINISH, self._provider, report.id, msgspec.json.encode(report).decode()
        )  # fmt: skip
        await record(self._connection, entry)


class PostgresSettlements:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def unit(self, provider: str) -> AsyncIterator[SettlementUnit]:
        async with calls.transaction(self._pool, timeout_s=IMPORT_S) as connection:
            unit = PostgresSettlementUnit(connection, provider)
            await unit.lock()
            yield unit

    async def files(self, provider: str, after: tuple[str, str] | None, limit: int) -> Sequence[SettlementReport]:
        day, last = (None, None) if after is None else (parsed_day(after[0]), after[1])
        return [_report.decode(row[0]) for row in await calls.fetch(self._pool, _FILES, provider, day, last, limit)]

    async def has_day(self, provider: str, day: date) -> bool:
        return await calls.fetch_row(self._pool, _HAS_DAY, provider, day) is not None


def line_of(row: Any) -> SettlementLine:
    """From a row with LINE_COLUMNS."""
    return SettlementLine(
        id=row["id"], ref=row["ref"], kind=row["kind"], currency=row["currency"], gross=row["gross"], fee=row["fee"],
        net=row["net"], number=row["number"], of=row["of"],
    )  # fmt: skip
