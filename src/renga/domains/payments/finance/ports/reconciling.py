"""Reads for reconciliation. Every method raises Unavailable."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Protocol

import msgspec

from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.contract.settlements import SettlementLine


class OurMeans(msgspec.Struct, frozen=True, kw_only=True):
    """A means as the shop knows it, and what the ledger says of it."""

    place: int
    ref: str
    method: PaymentMethod
    reference: str
    currency: str
    captured: int
    refunded: int
    ledger_captured: int
    ledger_refunded: int
    settled_captured: int
    settled_refunded: int


class WrittenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A settlement line as it was imported, and its fee and net in the ledger."""

    line: SettlementLine
    ledger_fee: int
    ledger_net: int


class UnsettledMeans(msgspec.Struct, frozen=True, kw_only=True):
    """What should have been settled. ``place`` orders them."""

    place: int
    ref: str
    reference: str
    currency: str
    captured: int
    settled: int


class ReconciliationStore(Protocol):
    """Reads for reconciliation, in parts."""

    async def ours(self, provider: str, refs: Sequence[str]) -> dict[str, OurMeans]: ...

    async def saw(self, run: str, refs: Sequence[str], now_ms: int) -> None:
        """The provider's list has these."""
        ...

    async def unseen(
        self, run: str, provider: str, between: tuple[int, int], after: int, limit: int
    ) -> Sequence[OurMeans]:
        """Means whose captures or refunds the ledger has in a time, and which the run has not seen."""
        ...

    async def forget(self, run: str) -> None: ...

    async def written(self, provider: str, ids: Sequence[str]) -> dict[str, WrittenLine]: ...

    def lines_of_day(self, provider: str, day: date) -> AsyncIterator[SettlementLine]:
        """Lines that were imported from files of a day."""
        ...

    async def unsettled(
        self, provider: str, between: tuple[int, int], after: int, limit: int
    ) -> Sequence[UnsettledMeans]:
        """Means in one part that were captured in a time, of which less was settled than captured."""
        ...

    async def unsettled_instalments(self, provider: str, day: date, limit: int) -> Sequence[tuple[str, str, int]]:
        """Reference, currency and rest of instalments that were due on a day."""
        ...
