"""PayoutStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.payouts import PayoutSchedule, PayoutState, StatementLine
from renga.domains.payments.finance.model.payout_planning import OwedBalance, StoredPayout
from renga.domains.payments.finance.model.payout_schedule import start_ms
from renga.domains.payments.finance.model.statements import line_kind
from renga.domains.payments.finance.ports.payouts import PayoutUnit
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.domains.payments.finance.stores import payout_sql as sql
from renga.domains.payments.finance.stores.payout_unit import PostgresPayoutUnit, payout_of
from renga.domains.payments.finance.stores.trail import record
from renga.domains.payments.stores.ledger_writing import post
from renga.kernel.clock import rfc3339
from renga.platform.postgres import calls

#: Deadline of the transaction of one payout; a merchant's year has many entries.
PAYOUT_S = 60.0

_schedule = msgspec.json.Decoder(PayoutSchedule)


class PostgresPayouts:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def owed(self, after: tuple[str, str], limit: int) -> Sequence[OwedBalance]:
        merchant, currency = after
        rows = await calls.fetch(self._pool, sql.OWED, f"merchant:{merchant}", currency, limit)
        return [
            OwedBalance(
                merchant=row[0],
                currency=row[1],
                schedule=PayoutSchedule() if row[2] is None else _schedule.decode(row[2]),
                last_day=row[3],
            )
            for row in rows
        ]

    @asynccontextmanager
    async def unit(self, merchant: str, currency: str) -> AsyncIterator[PayoutUnit]:
        async with calls.transaction(self._pool, timeout_s=PAYOUT_S) as connection:
            unit = PostgresPayoutUnit(connection, merchant, currency)
            await unit.lock()
            yield unit

    async def payouts(
        self,
        merchants: frozenset[str] | None,
        state: PayoutState | None,
        after: tuple[int, str] | None,
        limit: int,
    ) -> Sequence[StoredPayout]:
        created_ms, payout_id = (None, None) if after is None else after
        owners = None if merchants is None else sorted(merchants)
        rows = await calls.fetch(self._pool, sql.LIST, owners, state, created_ms, payout_id, limit)
        return [payout_of(row) for row in rows]

    async def payout(self, payout_id: str) -> StoredPayout | None:
        row = await calls.fetch_row(self._pool, sql.BY_ID, payout_id)
        return None if row is None else payout_of(row)

    async def move(
        self,
        payout_id: str,
        states: frozenset[PayoutState],
        to: PayoutState,
        detail: str,
        transactions: Sequence[LedgerTransaction],
        entry: TrailEntry,
    ) -> bool:
        async with calls.transaction(self._pool) as connection:
            if not await connection.fetchval(sql.MOVE, payout_id, sorted(states), to, detail, entry.at_ms):
                return False
            await post(connection, transactions, entry.at_ms)
            await record(connection, entry)
        return True

    async def lines(
        self, payout: StoredPayout, after: tuple[int, int] | None, limit: int
    ) -> Sequence[tuple[tuple[int, int], StatementLine]]:
        from_ms = 0 if payout.from_day is None else start_ms(payout.from_day)
        begin = after or (await self._begin(payout), 0)
        rows = await calls.fetch(
            self._pool, sql.LINES, f"merchant:{payout.merchant}", payout.currency, *begin, from_ms,
            start_ms(payout.to_day), limit,
        )  # fmt: skip
        return [((row["transaction"], row["position"]), _line(row)) for row in rows]

    async def _begin(self, payout: StoredPayout) -> int:
        """The id that all entries of the statement are greater than: of the statement before."""
        if payout.from_day is None:
            return 0
        row = await calls.fetch_row(self._pool, sql.AFTER_ID, payout.merchant, payout.currency, payout.from_day)
        return 0 if row is None else int(row[0])


def _line(row: asyncpg.Record) -> StatementLine:
    return StatementLine(
        at=rfc3339(row["at_ms"]),
        kind=line_kind(row["kind"], row["amount"]),
        reference=row["reference"],
        amount=-row["amount"],
    )
