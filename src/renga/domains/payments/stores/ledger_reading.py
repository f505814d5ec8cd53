"""LedgerReads on PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from renga.domains.payments.contract.ledger import AccountBalance, LedgerEntry
from renga.domains.payments.contract.ledger_reading import LedgerFault, StatementBalance, TrialLine
from renga.domains.payments.ledger.ports import (
    EntryPlace,
    StatementPart,
    StatementPlace,
    StoredEntry,
    StoredTransaction,
)
from renga.domains.payments.stores import ledger_faults
from renga.domains.payments.stores.ledger_balances import ACCOUNT_BALANCES, CURRENCIES_OF
from renga.platform.postgres import calls

#: Deadlines of statements that read every entry, or those of one account.
WHOLE_TIMEOUT_S, STATEMENT_TIMEOUT_S = 600.0, 30.0
#: Transactions checked in one statement, and the deadline of all.
CHUNK_TRANSACTIONS, VERIFY_TIMEOUT_S = 20_000, 7_200.0

_SUMS = """
    SELECT split_part(account, ':', 1) AS kind, currency,
        coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debits,
        coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS credits
    FROM payments.ledger_entries
"""
_TRIAL_WHOLE = f"SELECT * FROM ({_SUMS} GROUP BY 1, 2) AS s WHERE currency = $1 OR $1 IS NULL ORDER BY 1, 2"
_TRIAL = f"""
    SELECT kind, currency, sum(debits) AS debits, sum(credits) AS credits
    FROM (
        SELECT kind, currency, debits, credits FROM payments.ledger_totals
        UNION ALL
        ({_SUMS} WHERE transaction > coalesce((SELECT upto FROM payments.ledger_horizon), 0) GROUP BY 1, 2)
    ) AS s
    WHERE currency = $1 OR $1 IS NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
_ENTRY = "e.transaction, e.position, t.key, t.kind, t.reference, t.at_ms, e.amount, e.currency"
_ENTRIES = f"""
    SELECT {_ENTRY}
    FROM (
        SELECT p.* FROM ({CURRENCIES_OF}) AS h
        CROSS JOIN LATERAL (
            SELECT transaction, position, amount, currency FROM payments.ledger_entries
            WHERE account = $1 AND currency = h.currency AND (transaction, position) < ($2, $3)
            ORDER BY transaction DESC, position DESC LIMIT $4
        ) AS p
        ORDER BY transaction DESC, position DESC LIMIT $4
    ) AS e
    JOIN payments.ledger_transactions t ON t.id = e.transaction
    ORDER BY e.transaction DESC, e.position DESC
"""
#: After every place that there is.
_END = EntryPlace(2**63 - 1, 2**15 - 1)
_TRANSACTION = """
    SELECT t.key, t.kind, t.reference, t.at_ms, e.account, e.amount, e.currency
    FROM payments.ledger_transactions t JOIN payments.ledger_entries e ON e.transaction = t.id
    WHERE t.key = $1 ORDER BY e.position
"""
_PERIOD = """
    SELECT e.currency, coalesce(sum(e.amount) FILTER (WHERE t.at_ms < $2), 0) AS opening,
        coalesce(sum(e.amount) FILTER (WHERE t.at_ms >= $2), 0) AS turnover, count(*) FILTER (WHERE t.at_ms >= $2) AS lines
    FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.account = $1 AND t.at_ms < $3 GROUP BY e.currency ORDER BY e.currency
"""
_LINES = f"""
    SELECT {_ENTRY} FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.account = $1 AND t.at_ms >= $2 AND t.at_ms < $3 AND (t.at_ms, e.transaction, e.position) > ($4, $5, $6)
    ORDER BY t.at_ms, e.transaction, e.position LIMIT $7
"""
_BEFORE_ALL = StatementPlace(-1, -1, -1)


class PostgresLedger:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def trial(self, currency: str | None, *, whole: bool) -> Sequence[TrialLine]:
        async with calls.reading(self._pool, timeout_s=WHOLE_TIMEOUT_S) as connection:
            rows = await connection.fetch(_TRIAL_WHOLE if whole else _TRIAL, currency, timeout=WHOLE_TIMEOUT_S)
        return [
            TrialLine(kind=kind, currency=code, debits=int(debits), credits=int(credits), balance=int(debits - credits))
            for kind, code, debits, credits in rows
        ]

    async def balances(self, account: str) -> Sequence[AccountBalance]:
        return [
            AccountBalance(
                account=account,
                currency=currency,
                debits=int(debits),
                credits=int(credits),
                balance=int(debits - credits),
            )
            for currency, debits, credits in await calls.fetch(self._pool, ACCOUNT_BALANCES, account)
        ]

    async def entries(self, account: str, before: EntryPlace | None, limit: int) -> Sequence[StoredEntry]:
        place = before or _END
        rows = await calls.fetch(self._pool, _ENTRIES, account, place.transaction, place.position, limit)
        return [_entry(row) for row in rows]

    async def transaction(self, key: str) -> StoredTransaction | None:
        rows = await calls.fetch(self._pool, _TRANSACTION, key)
        if not rows:
            return None
        first = rows[0]
        return StoredTransaction(
            key=first["key"],
            kind=first["kind"],
            reference=first["reference"],
            at_ms=first["at_ms"],
            entries=tuple(LedgerEntry(row["account"], row["amount"], row["currency"]) for row in rows),
        )

    async def statement(
        self, account: str, from_ms: int, to_ms: int, after: StatementPlace | None, limit: int
    ) -> StatementPart:
        async with (
            calls.reading(self._pool, timeout_s=STATEMENT_TIMEOUT_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            sums = await connection.fetch(_PERIOD, account, from_ms, to_ms, timeout=STATEMENT_TIMEOUT_S)
            place = after or _BEFORE_ALL
            rows = await connection.fetch(_LINES, account, from_ms, to_ms, *place, limit, timeout=STATEMENT_TIMEOUT_S)
        return StatementPart([_period(row) for row in sums], [_entry(row) for row in rows])

    async def faults(self, limit: int) -> Sequence[LedgerFault]:
        found: list[LedgerFault] = []
        async with (
            calls.reading(self._pool, timeout_s=VERIFY_TIMEOUT_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):

            async def look(statement: str, *arguments: int) -> list[Any]:
                return await connection.fetch(statement, *arguments, timeout=WHOLE_TIMEOUT_S)

            newest: int = await connection.fetchval(ledger_faults.NEWEST, timeout=WHOLE_TIMEOUT_S)
            # a number of zero or less was never given by the sequence
            for begin in (-(2**62), *range(0, newest, CHUNK_TRANSACTIONS)):
                span = (begin, max(begin, 0) if begin < 0 else begin + CHUNK_TRANSACTIONS)
                found += ledger_faults.faults_of(
                    "changed", await look(ledger_faults.CHANGED_TRANSACTIONS, *span, limit)
                )
                found += ledger_faults.faults_of(
                    "unbalanced", await look(ledger_faults.UNBALANCED_TRANSACTIONS, *span, limit)
                )
                if len(found) >= limit:
                    return found[:limit]
            found += ledger_faults.faults_of("checkpoint", await look(ledger_faults.WRONG_CHECKPOINTS, limit))
            found += ledger_faults.faults_of("totals", await look(ledger_faults.WRONG_TOTALS, limit))
        return found[:limit]


def _entry(row: Any) -> StoredEntry:
    return StoredEntry(
        transaction=row["transaction"],
        position=row["position"],
        key=row["key"],
        kind=row["kind"],
        reference=row["reference"],
        at_ms=row["at_ms"],
        amount=row["amount"],
        currency=row["currency"],
    )


def _period(row: Any) -> StatementBalance:
    opening, turnover = int(row["opening"]), int(row["turnover"])
    return StatementBalance(
        currency=row["currency"], opening=opening, turnover=turnover, closing=opening + turnover, lines=row["lines"]
    )
