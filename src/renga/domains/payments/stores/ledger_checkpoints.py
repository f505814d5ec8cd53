"""LedgerCheckpoints on PostgreSQL.

A transaction's number says nothing about when it becomes visible: a smaller one may be committed later. A checkpoint must
count only numbers below which nothing can appear any more. A trigger gives a transaction its xid before its number. So whoever
has seen number n and then takes an xid x knows: every number up to n belongs to an xid below x; and when all those have ended
(``pg_snapshot_xmin`` has reached x), every number up to n is visible or will never be. No xid is stored, so a dump can be
restored anywhere.
"""

from collections.abc import Sequence

from renga.domains.payments.contract.ledger_reading import LedgerFault
from renga.domains.payments.ledger.ports import Settling
from renga.domains.payments.stores.ledger_faults import WRONG_CHECKPOINTS, WRONG_TOTALS, faults_of
from renga.platform.postgres import calls

#: Transactions counted in one statement. An account gets a checkpoint when so many entries would have to be read without one.
BATCH_TRANSACTIONS, CHECKPOINT_ENTRIES = 20_000, 256
COUNT_TIMEOUT_S, CHECK_TIMEOUT_S = 60.0, 600.0

_NEWEST = """
    SELECT coalesce((SELECT max(id) FROM payments.ledger_transactions), 0),
        coalesce((SELECT upto FROM payments.ledger_horizon), 0)
"""
_TAKE_XID = "SELECT pg_current_xact_id()::text::bigint"
_OLDEST_RUNNING = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('renga ledger checkpoints', 0))"
_HORIZON = "SELECT coalesce((SELECT upto FROM payments.ledger_horizon), 0)"
_SUMS = """
    coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debits, coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS credits
"""
_COUNT_TOTALS = f"""
    INSERT INTO payments.ledger_totals AS t (kind, currency, debits, credits)
    SELECT split_part(account, ':', 1) AS kind, currency, {_SUMS} FROM payments.ledger_entries
    WHERE transaction > $1 AND transaction <= $2 GROUP BY 1, 2
    ON CONFLICT (kind, currency) DO UPDATE SET debits = t.debits + excluded.debits, credits = t.credits + excluded.credits
"""
_COUNT_ACCOUNTS = f"""
    INSERT INTO payments.ledger_checkpoints (account, currency, upto, entries, debits, credits)
    SELECT a.account, a.currency, $2, coalesce(c.entries, 0) + s.entries, coalesce(c.debits, 0) + s.debits,
        coalesce(c.credits, 0) + s.credits
    FROM (
        SELECT DISTINCT account, currency FROM payments.ledger_entries WHERE transaction > $1 AND transaction <= $2
    ) AS a
    LEFT JOIN payments.ledger_checkpoints c ON c.account = a.account AND c.currency = a.currency
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, {_SUMS} FROM payments.ledger_entries e
        WHERE e.account = a.account AND e.currency = a.currency AND e.transaction > coalesce(c.upto, 0) AND e.transaction <= $2
    ) AS s
    WHERE s.entries >= $3
    ON CONFLICT (account, currency) DO UPDATE SET upto = excluded.upto, entries = excluded.entries,
        debits = excluded.debits, credits = excluded.credits
"""
_MOVE_HORIZON = """
    INSERT INTO payments.ledger_horizon (upto) VALUES ($1) ON CONFLICT (single) DO UPDATE SET upto = excluded.upto
"""
_FORGET = (
    "DELETE FROM payments.ledger_checkpoints",
    "DELETE FROM payments.ledger_totals",
    "DELETE FROM payments.ledger_horizon",
)


class PostgresLedgerCheckpoints:
    """On a pool whose database has this domain's migrations."""

    def __init__(
        self, pool: calls.Pool, *, batch: int = BATCH_TRANSACTIONS, entries_min: int = CHECKPOINT_ENTRIES
    ) -> None:
        self._pool, self._batch, self._entries_min = pool, batch, entries_min

    async def announce(self) -> Settling | None:
        row = await calls.fetch_row(self._pool, _NEWEST)
        if row is None or row[0] <= row[1]:
            return None
        # a statement and a transaction of its own: this xid is younger than the newest number that was seen
        xid = await calls.fetch_row(self._pool, _TAKE_XID)
        return None if xid is None else Settling(upto=row[0], xid=xid[0])

    async def settled(self, settling: Settling) -> bool:
        row = await calls.fetch_row(self._pool, _OLDEST_RUNNING)
        return row is not None and row[0] >= settling.xid

    async def count(self, upto: int) -> int:
        async with calls.transaction(self._pool, timeout_s=COUNT_TIMEOUT_S) as connection:
            await connection.execute(_ONE_AT_A_TIME, timeout=COUNT_TIMEOUT_S)
            begin: int = await connection.fetchval(_HORIZON)
            end = min(begin + self._batch, upto)
            if end <= begin:
                return begin
            await connection.execute(_COUNT_TOTALS, begin, end, timeout=COUNT_TIMEOUT_S)
            await connection.execute(_COUNT_ACCOUNTS, begin, end, self._entries_min, timeout=COUNT_TIMEOUT_S)
            await connection.execute(_MOVE_HORIZON, end)
        return end

    async def wrong(self, limit: int) -> Sequence[LedgerFault]:
        async with (
            calls.reading(self._pool, timeout_s=CHECK_TIMEOUT_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = faults_of("checkpoint", await connection.fetch(WRONG_CHECKPOINTS, limit, timeout=CHECK_TIMEOUT_S))
            found += faults_of("totals", await connection.fetch(WRONG_TOTALS, limit, timeout=CHECK_TIMEOUT_S))
        return found[:limit]

    async def forget(self) -> None:
        async with calls.transaction(self._pool) as connection:
            await connection.execute(_ONE_AT_A_TIME)
            for statement in _FORGET:
                await connection.execute(statement)
