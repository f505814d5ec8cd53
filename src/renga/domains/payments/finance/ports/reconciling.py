"""Reads for reconciliation. Every method raises Unavailable."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Protocol

from renga.domains.payments.contract.settlements import SettlementLine
from renga.domains.payments.finance.model.comparing import OurMeans, UnsettledMeans, WrittenLine


class ReconciliationStore(Protocol):
    """Reads for reconciliation, in parts."""

    async def ours(self, provider: str, refs: Sequence[str]) -> dict[str, OurMeans]:
        """What payments and the ledger have of these payments of the provider, by its id."""
        ...

    async def saw(self, run: str, refs: Sequence[str], now_ms: int) -> None:
        """The provider's list has these."""
        ...

    async def unseen(
        self, run: str, provider: str, between: tuple[int, int], after: int, limit: int
    ) -> Sequence[OurMeans]:
        """Means whose captures or refunds the ledger has in a time, and which the run has not seen."""
        ...

    async def forget(self, run: str, before_ms: int) -> None:
        """Delete what a run saw, and what runs before a moment left."""
        ...

    async def written(self, provider: str, ids: Sequence[str]) -> dict[str, WrittenLine]:
        """Lines of settlement files that are in the ledger, by their id."""
        ...

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
