"""Use case: compare the provider's list, its settlement file and the ledger for a day, line by line."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import date, timedelta

from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.payments import READING_PAYMENTS
from renga.domains.payments.contract.settlements import (
    Reconciliation,
    ReconciliationDifference,
    SettlementFile,
    SettlementLine,
)
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.comparing import (
    compare_line,
    compare_means,
    line_difference,
    missing_there,
    unsettled_instalment,
    unsettled_means,
)
from renga.domains.payments.finance.model.payout_schedule import is_over, parsed_day, start_ms
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import PaymentProvider
from renga.kernel.caller import Caller
from renga.kernel.clock import DAY_MS

#: Payments (and lines) that are compared at once: what a reconciliation keeps in memory.
PART = 500
#: Runs that died are forgotten after this time.
DEAD_RUN_MS = DAY_MS


async def reconcile_day(
    dependencies: FinanceDependencies, caller: Caller, provider: str, day: str
) -> AsyncIterator[ReconciliationDifference | Reconciliation]:
    """Every difference, then what was compared. Raises ProviderNotFound, ProviderAway, PayoutDayInvalid."""
    caller.require(READING_PAYMENTS)
    one = dependencies.providers.get(provider)
    if one is None:
        raise ProviderNotFound(f"there is no payment provider {provider[:40]!r}")
    run = _Run(dependencies, one, parsed_day(day), dependencies.new_id())
    count = 0
    try:
        for part in (run.records, run.missing_there, run.settlement, run.unsettled):
            async with aclosing(part()) as differences:
                async for difference in differences:
                    count += 1
                    yield difference
    finally:
        await dependencies.reconciliation.forget(run.id, dependencies.clock.now_ms() - DEAD_RUN_MS)
    yield Reconciliation(
        day=run.day.isoformat(), provider=provider, records=run.count, settlement_lines=run.lines, differences=count
    )


class _Run:
    """One reconciliation. ``count`` and ``lines``: what was compared."""

    def __init__(self, dependencies: FinanceDependencies, provider: PaymentProvider, day: date, run_id: str) -> None:
        self._dependencies, self._store = dependencies, dependencies.reconciliation
        self._provider, self._name, self.day, self.id = provider, provider.name, day, run_id
        self._between = (start_ms(day), start_ms(day) + DAY_MS)
        self.count = self.lines = 0

    async def records(self) -> AsyncGenerator[ReconciliationDifference]:
        """What the provider made or changed on the day."""
        part: list[ProviderRecord] = []
        async for record in self._provider.records(self.day.isoformat()):
            part.append(record)
            if len(part) >= PART:
                for difference in await self._compared(part):
                    yield difference
                part = []
        for difference in await self._compared(part):
            yield difference

    async def _compared(self, records: Sequence[ProviderRecord]) -> list[ReconciliationDifference]:
        if not records:
            return []
        refs = [record.ref for record in records]
        ours = await self._store.ours(self._name, refs)
        await self._store.saw(self.id, refs, self._dependencies.clock.now_ms())
        self.count += len(records)
        found: list[ReconciliationDifference] = []
        for record in records:
            if any(compare_means(self._name, record, ours.get(record.ref))):
                found += await self._again(record)
        return found

    async def _again(self, record: ProviderRecord) -> list[ReconciliationDifference]:
        """What differs may have changed between the two looks at it."""
        now = await self._provider.read(record.ref, record.method) or record
        ours = await self._store.ours(self._name, [record.ref])
        return list(compare_means(self._name, now, ours.get(record.ref)))

    async def missing_there(self) -> AsyncGenerator[ReconciliationDifference]:
        """What moved here on the day and is not in the provider's list: it may have happened there before midnight."""
        after = 0
        while found := await self._store.unseen(self.id, self._name, self._between, after, PART):
            seen = set[str]()
            for ours in found:
                if ours.ref in seen:
                    continue
                seen.add(ours.ref)
                record = await self._provider.read(ours.ref, ours.method) if ours.ref else None
                self.count += 1
                if record is None:
                    yield missing_there(self._name, ours)
                else:
                    for difference in compare_means(self._name, record, ours):
                        yield difference
            await self._store.saw(self.id, sorted(seen), self._dependencies.clock.now_ms())
            after = found[-1].place

    async def settlement(self) -> AsyncGenerator[ReconciliationDifference]:
        """The provider's file of the day, if the day is over and there is one, and what was imported of that day."""
        if not is_over(self.day, self._dependencies.clock.now_ms()):
            return
        file = await self._provider.settlement(self.day.isoformat())
        if file is None:
            file = SettlementFile(id="", provider=self._name, day=self.day.isoformat(), lines=())
        self.lines = len(file.lines)
        for at in range(0, len(file.lines), PART):
            for difference in await self._compared_lines(file.lines[at : at + PART]):
                yield difference
        there = {line.id for line in file.lines}
        if not file.id:
            return  # uploaded by hand: the provider gives none to compare with
        async for line in self._store.lines_of_day(self._name, self.day):
            if line.id not in there:
                yield line_difference(self._name, line, "missing_there", "settlement line", here=line.gross)

    async def _compared_lines(self, lines: Sequence[SettlementLine]) -> list[ReconciliationDifference]:
        written = await self._store.written(self._name, [line.id for line in lines])
        return [one for line in lines for one in compare_line(self._name, line, written.get(line.id))]

    async def unsettled(self) -> AsyncGenerator[ReconciliationDifference]:
        """What should have been settled by the end of the day."""
        due = self.day - timedelta(days=self._dependencies.rules.settled_within_days)
        between, after = (start_ms(due), start_ms(due) + DAY_MS), 0
        while found := await self._store.unsettled(self._name, between, after, PART):
            last = ""
            for one in found:
                if one.ref != last:
                    yield unsettled_means(self._name, one)
                last = one.ref
            after = found[-1].place
        for reference, currency, left in await self._store.unsettled_instalments(self._name, due, PART):
            yield unsettled_instalment(self._name, due.isoformat(), reference, currency, left)
