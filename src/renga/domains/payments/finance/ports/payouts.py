"""Stores of commission rules, payout accounts and payouts. Every method of a store raises Unavailable."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Protocol

import msgspec

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.payouts import PayoutAccount, PayoutSchedule, PayoutState, StatementLine
from renga.domains.payments.finance.model.payout_planning import OwedBalance, PayoutPeriod, StoredPayout
from renga.domains.payments.finance.ports.trail import TrailEntry


class CommissionStore(Protocol):
    """The commission rules; every version is kept."""

    async def newest(self, known: int) -> CommissionTable | None:
        """The newest table; None: ``known`` is its version (0: there is none)."""
        ...

    async def put(self, table: CommissionTable, now_ms: int) -> bool:
        """Add the version after the newest one. False: another one with its number is there."""
        ...


class BankSeal(Protocol):
    """Encryption of bank details. They are bound to their merchant."""

    def close(self, details: str, merchant: str) -> bytes:
        """Encrypt."""
        ...

    def open(self, sealed: bytes, merchant: str) -> str:
        """Decrypt. Raises Unavailable: the shop's secret has changed."""
        ...

    def digest(self, details: str, merchant: str) -> bytes:
        """Equal for equal details; it reveals nothing of them."""
        ...


class SealedDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The account as it is shown, and its details sealed."""

    account: PayoutAccount
    sealed: bytes
    digest: bytes


class PayoutAccountStore(Protocol):
    """Payout accounts and schedules. Changes write the trail in the same transaction."""

    async def account(self, merchant: str, now_ms: int) -> PayoutAccount | None:
        """Masked; None: the merchant has none. ``now_ms``: whether a pause is over."""
        ...

    async def sealed(self, merchant: str, entry: TrailEntry) -> bytes | None:
        """The sealed details, for somebody who may read them."""
        ...

    async def put(self, details: SealedDetails, paused_until_ms: int, entry: TrailEntry) -> PayoutAccount:
        """The next version of the merchant's account; details with the same digest change nothing. A first one does not pause."""
        ...

    async def verify(self, merchant: str, version: int, verified: bool, entry: TrailEntry) -> PayoutAccount | None:
        """None: there is no account with this version."""
        ...

    async def schedule(self, merchant: str) -> PayoutSchedule | None:
        """None: the merchant has none of its own."""
        ...

    async def put_schedule(self, merchant: str, schedule: PayoutSchedule, entry: TrailEntry) -> None:
        """Replace the schedule."""
        ...


class PayoutUnit(Protocol):
    """One merchant and currency in an open transaction: nobody else makes their payouts meanwhile."""

    async def last(self) -> StoredPayout | None:
        """The newest statement."""
        ...

    async def period(self, last: StoredPayout | None, to_day: date, *, delay_days: int, settled: bool) -> PayoutPeriod:
        """What happened after ``last`` and before ``to_day``. ``settled``: only what the provider has settled is available."""
        ...

    async def add(self, payout: StoredPayout, transactions: Sequence[LedgerTransaction], now_ms: int) -> None:
        """Write a statement and its ledger transactions."""
        ...


class PayoutStore(Protocol):
    """Payouts and their statements."""

    async def owed(self, after: tuple[str, str], limit: int) -> Sequence[OwedBalance]:
        """Merchants and currencies in the ledger, in order, with schedule, account and end of the last statement."""
        ...

    def unit(self, merchant: str, currency: str) -> AbstractAsyncContextManager[PayoutUnit]:
        """Waits for whoever makes this merchant's payouts in this currency."""
        ...

    async def payouts(
        self,
        merchants: frozenset[str] | None,
        state: PayoutState | None,
        after: tuple[int, str] | None,
        limit: int,
    ) -> Sequence[StoredPayout]:
        """Newest first; ``merchants`` None: all. ``after``: creation and id of the last one before."""
        ...

    async def payout(self, payout_id: str) -> StoredPayout | None:
        """None: there is no such payout."""
        ...

    async def move(
        self,
        payout_id: str,
        states: frozenset[PayoutState],
        to: PayoutState,
        detail: str,
        transactions: Sequence[LedgerTransaction],
        entry: TrailEntry,
    ) -> bool:
        """False: it is in none of ``states`` (any more), and nothing was written."""  # fmt: skip
        ...

    async def lines(
        self, payout: StoredPayout, after: tuple[int, int] | None, limit: int
    ) -> Sequence[tuple[tuple[int, int], StatementLine]]:
        """Entries of a statement in the order of the ledger, each with its position there."""
        ...
