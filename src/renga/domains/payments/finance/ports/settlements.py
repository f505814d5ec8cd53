"""The store of settlement files. Every method raises Unavailable."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Protocol

from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.settlements import SettlementFile, SettlementLine, SettlementReport
from renga.domains.payments.finance.model.settling import SettledMeans
from renga.domains.payments.finance.ports.trail import TrailEntry


class SettlementUnit(Protocol):
    """One import in an open transaction: nobody else imports for the provider meanwhile."""

    async def imported(self, file_id: str) -> tuple[bytes, SettlementReport] | None:
        """The digest and report of a file that was imported."""
        ...

    async def lines(self, ids: Sequence[str]) -> dict[str, SettlementLine]:
        """Lines that were imported, by id."""
        ...

    async def means(self, refs: Sequence[str], *, owed: Sequence[str]) -> dict[str, SettledMeans]:
        """Means by the provider's id; with what is left on ledger accounts for those in ``owed``."""
        ...

    async def begin(self, file: SettlementFile, digest: bytes, by: str, now_ms: int) -> None:
        """Write the file, without its lines."""
        ...

    async def write(
        self,
        file_id: str,
        lines: Sequence[tuple[SettlementLine, str]],
        transactions: Sequence[LedgerTransaction],
        now_ms: int,
    ) -> None:
        """Write lines, each with the reference of its payment, and their ledger transactions."""
        ...

    async def finish(self, report: SettlementReport, entry: TrailEntry) -> None:
        """Keep the report."""
        ...


class SettlementStore(Protocol):
    """Settlement files."""

    def unit(self, provider: str) -> AbstractAsyncContextManager[SettlementUnit]:
        """Files of a provider are imported one after the other."""
        ...

    async def files(self, provider: str, after: tuple[str, str] | None, limit: int) -> Sequence[SettlementReport]:
        """Newest day first; ``after``: day and id of the last one before."""
        ...

    async def has_day(self, provider: str, day: date) -> bool:
        """Whether a file of this day was imported."""
        ...
