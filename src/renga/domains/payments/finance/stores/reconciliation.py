"""ReconciliationStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from renga.domains.payments.contract.settlements import SettlementLine
from renga.domains.payments.finance.model.comparing import OurMeans, UnsettledMeans, WrittenLine
from renga.domains.payments.finance.stores.settlements import LINE_COLUMNS, SETTLED, line_of
from renga.platform.postgres import calls

#: Deadline of one part.
PART_S = 30.0
LINES_AT_ONCE = 1_000

#: What the ledger has of a means: of the transactions of its payment those whose keys name the means.
_LEDGER = """
    SELECT coalesce(sum(e.amount) FILTER (WHERE t.kind IN ('capture', 'late_money')), 0)::bigint AS captured,
        coalesce(-sum(e.amount) FILTER (WHERE t.kind IN ('refund_settled', 'refund_unasked')), 0)::bigint AS refunded
    FROM payments.ledger_transactions t JOIN payments.ledger_entries e ON e.transaction = t.id
    WHERE t.reference = p.reference AND split_part(t.key, ':', 2) = m.id::text
        AND split_part(e.account, ':', 1) IN ('clearing', 'receivable') AND split_part(e.account, ':', 2) = m.provider
"""
_OURS_COLUMNS = f"""
    m.provider_ref, m.method, p.reference, p.currency, m.captured, m.refunded, l.captured AS ledger_captured,
    l.refunded AS ledger_refunded, s.settled_captured, s.settled_refunded
    FROM payments.means m JOIN payments.payments p ON p.id = m.payment
    CROSS JOIN LATERAL ({_LEDGER}) AS l CROSS JOIN LATERAL ({SETTLED}) AS s
"""
_OURS = f"SELECT 0 AS place, {_OURS_COLUMNS} WHERE m.provider = $1 AND m.provider_ref = ANY($2::text[])"
_SAW = """
    INSERT INTO payments.reconciled_refs (run, ref, made_ms) SELECT $1, ref, $3 FROM unnest($2::text[]) AS n (ref)
    ON CONFLICT DO NOTHING
"""
#: A key names its means; the last transaction of a means in the time gives its place.
_MOVED = """
    SELECT t.id AS place, split_part(t.key, ':', 2)::uuid AS means FROM payments.ledger_transactions t
    WHERE t.at_ms >= {begin} AND t.at_ms < {end} AND t.id > {after}
        AND t.kind IN ({kinds}) AND t.key ~ '^[a-z_]+:[0-9a-f-]{{36}}:'
"""
_ALL = "'capture', 'late_money', 'refund_settled', 'refund_unasked'"
_UNSEEN = f"""
    SELECT moved.place, {_OURS_COLUMNS}
    JOIN ({_MOVED.format(begin="$3", end="$4", after="$5", kinds=_ALL)}) AS moved ON moved.means = m.id
    WHERE m.provider = $2 AND NOT EXISTS (
        SELECT 1 FROM payments.reconciled_refs r WHERE r.run = $1 AND r.ref = m.provider_ref
    )
    ORDER BY moved.place LIMIT $6
"""
_FORGET = "DELETE FROM payments.reconciled_refs WHERE run = $1 OR made_ms < $2"
_WRITTEN = f"""
    SELECT {LINE_COLUMNS}, coalesce(l.paid, 0) AS ledger_fee, coalesce(l.received, 0) AS ledger_net
    FROM payments.settlement_lines m CROSS JOIN LATERAL (
        SELECT sum(e.amount) FILTER (WHERE e.account = 'fees:' || m.provider)::bigint AS paid,
            sum(e.amount) FILTER (WHERE e.account = 'bank:' || m.provider)::bigint AS received
        FROM payments.ledger_transactions t JOIN payments.ledger_entries e ON e.transaction = t.id
        WHERE t.key = 'settlement:' || m.provider || ':' || m.id
    ) AS l
    WHERE m.provider = $1 AND m.id = ANY($2::text[])
"""
_LINES_OF_DAY = f"""
    SELECT {LINE_COLUMNS} FROM payments.settlement_lines
    WHERE provider = $1 AND file IN (SELECT id FROM payments.settlement_files WHERE provider = $1 AND day = $2)
        AND id > $3 ORDER BY id LIMIT $4
"""
_UNSETTLED = f"""
    SELECT moved.place, m.provider_ref, p.reference, p.currency, m.captured, s.settled_captured
    FROM payments.means m JOIN payments.payments p ON p.id = m.payment
    JOIN ({_MOVED.format(begin="$2", end="$3", after="$4", kinds="'capture', 'late_money'")}) AS moved ON moved.means = m.id
    CROSS JOIN LATERAL ({SETTLED}) AS s
    WHERE m.provider = $1 AND s.settled_captured < m.captured AND coalesce((m.document ->> 'instalments')::integer, 1) = 1
    ORDER BY moved.place LIMIT $5
"""
_INSTALMENTS = """
    SELECT t.reference, e.currency, sum(e.amount)::bigint
    FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.account = $1 GROUP BY t.reference, e.currency HAVING sum(e.amount) > 0 ORDER BY t.reference LIMIT $2
"""


class PostgresReconciliation:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def ours(self, provider: str, refs: Sequence[str]) -> dict[str, OurMeans]:
        return {row["provider_ref"]: _ours(row) for row in await self._fetch(_OURS, provider, list(refs))}

    async def saw(self, run: str, refs: Sequence[str], now_ms: int) -> None:
        await calls.execute(self._pool, _SAW, UUID(run), list(refs), now_ms)

    async def unseen(
        self, run: str, provider: str, between: tuple[int, int], after: int, limit: int
    ) -> Sequence[OurMeans]:
        rows = await self._fetch(_UNSEEN, UUID(run), provider, *between, after, limit)
        return [_ours(row) for row in rows]

    async def forget(self, run: str, before_ms: int) -> None:
        await calls.execute(self._pool, _FORGET, UUID(run), before_ms)

    async def written(self, provider: str, ids: Sequence[str]) -> dict[str, WrittenLine]:
        return {
            row["id"]: WrittenLine(line=line_of(row), ledger_fee=row["ledger_fee"], ledger_net=row["ledger_net"])
            for row in await self._fetch(_WRITTEN, provider, list(ids))
        }

    async def lines_of_day(self, provider: str, day: date) -> AsyncIterator[SettlementLine]:
        after = ""
        while rows := await self._fetch(_LINES_OF_DAY, provider, day, after, LINES_AT_ONCE):
            for row in rows:
                yield line_of(row)
            after = rows[-1]["id"]

    async def unsettled(
        self, provider: str, between: tuple[int, int], after: int, limit: int
    ) -> Sequence[UnsettledMeans]:
        rows = await self._fetch(_UNSETTLED, provider, *between, after, limit)
        return [
            UnsettledMeans(
                place=row[0], ref=row[1] or "", reference=row[2], currency=row[3], captured=row[4], settled=row[5]
            )
            for row in rows
        ]

    async def unsettled_instalments(self, provider: str, day: date, limit: int) -> Sequence[tuple[str, str, int]]:
        rows = await self._fetch(_INSTALMENTS, f"receivable:{provider}:{day.isoformat()}", limit)
        return [(row[0], row[1], row[2]) for row in rows]

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with calls.reading(self._pool, timeout_s=PART_S) as connection:
            return await connection.fetch(query, *arguments)


def _ours(row: Any) -> OurMeans:
    return OurMeans(
        place=row["place"], ref=row["provider_ref"] or "", method=row["method"], reference=row["reference"],
        currency=row["currency"], captured=row["captured"], refunded=row["refunded"],
        ledger_captured=row["ledger_captured"], ledger_refunded=row["ledger_refunded"],
        settled_captured=row["settled_captured"], settled_refunded=row["settled_refunded"],
    )  # fmt: skip
