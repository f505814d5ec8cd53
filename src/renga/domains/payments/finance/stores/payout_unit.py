"""PayoutUnit on PostgreSQL: what happened on a merchant's account, read from the ledger in one transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.finance.model.payout_planning import PayoutPeriod, PayoutReadiness, StoredPayout
from renga.domains.payments.finance.model.payout_schedule import days_before_ms, start_ms
from renga.domains.payments.finance.model.statements import (
    SELLING,
    TAKING_BACK,
    LedgerGroup,
    StatementSums,
    statement_sums,
)
from renga.domains.payments.finance.stores import payout_sql as sql
from renga.domains.payments.finance.stores.frozen_shares import frozen_of
from renga.domains.payments.stores.ledger_writing import post
from renga.kernel.clock import DAY_MS
from renga.platform.postgres.calls import Connection

#: A transaction is numbered and written within this time (the deadline of transactions, and differing clocks).
WRITTEN_MS = 60_000
#: How long ago a sale may be that its provider settles yet: more than the last of 12 instalments.
SETTLEMENT_DAYS_MAX = 400


class _Group(msgspec.Struct, frozen=True):
    """A row of the groups in PERIOD."""

    kind: str
    amount: int
    entries: int
    settled_id: int | None


_sums = msgspec.json.Decoder(StatementSums)
_groups = msgspec.json.Decoder(list[_Group]).decode


class PostgresPayoutUnit:
    """In an open transaction, under the lock of the merchant and currency."""

    def __init__(self, connection: Connection, merchant: str, currency: str) -> None:
        self._connection, self._merchant, self._currency = connection, merchant, currency
        self._account = f"merchant:{merchant}"

    async def lock(self) -> None:
        await self._connection.execute(sql.LOCK, f"{self._merchant} {self._currency}")

    async def last(self) -> StoredPayout | None:
        row = await self._connection.fetchrow(sql.LAST, self._merchant, self._currency)
        return None if row is None else payout_of(row)

    async def period(self, last: StoredPayout | None, to_day: date, *, delay_days: int, settled: bool) -> PayoutPeriod:
        after_id, from_ms = (0, 0) if last is None else (last.after_id, start_ms(last.to_day))
        end_ms = start_ms(to_day)
        now = await self._connection.fetchrow(
            sql.PERIOD, self._account, self._currency, after_id, from_ms, end_ms, end_ms - WRITTEN_MS, list(TAKING_BACK)
        )
        assert now is not None  # an aggregate has one row
        groups = _groups(now["groups"])
        sums = statement_sums(LedgerGroup(one.kind, one.amount) for one in groups)
        account = await self._connection.fetchrow(sql.ACCOUNT, self._merchant)
        return PayoutPeriod(
            sums=sums,
            entries=sum(one.entries for one in groups),
            after_id=max([after_id, *(one.settled_id or 0 for one in groups)]),
            held=await self._held(to_day, delay_days=delay_days, settled=settled),
            frozen=await frozen_of(self._connection, self._merchant, self._currency),
            since=max(0, now["taken"]),
            unexplained=-now["balance"] - (0 if last is None else last.closing) - sums.total + now["total"],
            account=None if account is None else PayoutReadiness(verified=account[0], paused_until_ms=account[1]),
        )

    async def _held(self, to_day: date, *, delay_days: int, settled: bool) -> int:
        end_ms, young_ms = start_ms(to_day), days_before_ms(to_day, delay_days)
        days = max(delay_days, SETTLEMENT_DAYS_MAX) if settled else delay_days
        if not days:
            return 0
        begin_ms = end_ms - days * DAY_MS
        day = date.fromordinal(max(1, to_day.toordinal() - days))
        after: int | None = await self._connection.fetchval(sql.AFTER_ID, self._merchant, self._currency, day)
        bounds = (self._account, self._currency, after or 0, begin_ms, end_ms, [*SELLING, *TAKING_BACK])
        query, more = (sql.UNSETTLED, (young_ms, list(SELLING))) if settled else (sql.HELD, ())
        held: int = await self._connection.fetchval(query, *bounds, *more)
        return held

    async def add(self, payout: StoredPayout, transactions: Sequence[LedgerTransaction], now_ms: int) -> None:
        one = payout
        await self._connection.execute(
            sql.ADD, UUID(one.id), one.merchant, one.currency, one.from_day, one.to_day, one.state, one.amount, one.held,
            one.opening, one.sums.total, one.closing, msgspec.json.encode(one.sums).decode(), one.after_id,
            one.created_ms, one.changed_ms, one.reason, one.detail,
        )  # fmt: skip
        await post(self._connection, transactions, now_ms)


def payout_of(row: Any) -> StoredPayout:
    """From a row of COLUMNS."""
    return StoredPayout(**{**dict(row), "id": str(row["id"]), "sums": _sums.decode(row["sums"])})
