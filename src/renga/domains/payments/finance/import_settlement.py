"""Use case: write a settlement file into the ledger, all of it or nothing."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.finance_errors import SettlementConflict, SettlementNotFound
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.payments import REFERENCE_CHARS_MAX
from renga.domains.payments.contract.settlements import (
    REPORTED_MAX,
    ReconciliationDifference,
    SettlementFile,
    SettlementLine,
    SettlementReport,
)
from renga.domains.payments.finance.access import manage
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.payout_schedule import is_over, parsed_day
from renga.domains.payments.finance.model.settlement_checks import checked_settlement
from renga.domains.payments.finance.model.settlement_entries import settled_transaction, settlement_key
from renga.domains.payments.finance.model.settling import SettlementMatching
from renga.domains.payments.finance.ports.settlements import SettlementUnit
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money

#: Lines that are looked up and written at once.
LINES_AT_ONCE = 500
_encode = msgspec.json.Encoder(order="deterministic").encode


async def fetch_settlement(
    dependencies: FinanceDependencies, caller: Caller, provider: str, day: str
) -> SettlementReport:
    """Raises ProviderNotFound, ProviderAway, SettlementNotFound, SettlementInvalid, SettlementConflict."""
    manage(caller)
    one = dependencies.providers.get(provider)
    if one is None:
        raise ProviderNotFound()
    wanted = parsed_day(day)
    if not is_over(wanted, dependencies.clock.now_ms()):
        raise SettlementNotFound(f"{wanted} is not over: its file may still grow")
    file = await one.settlement(wanted.isoformat())
    if file is None:
        raise SettlementNotFound()
    return await import_settlement(dependencies, caller, msgspec.structs.replace(file, provider=provider))


async def import_settlement(
    dependencies: FinanceDependencies, caller: Caller, file: SettlementFile
) -> SettlementReport:
    """Raises ProviderNotFound, SettlementInvalid, SettlementConflict."""
    subject = manage(caller)
    if file.provider not in dependencies.providers:
        raise ProviderNotFound()
    checked_settlement(file)
    digest, now_ms = hashlib.sha256(_encode(file)).digest(), dependencies.clock.now_ms()
    async with dependencies.settlements.unit(file.provider) as unit:
        if (before := await unit.imported(file.id)) is not None:
            if before[0] != digest:
                raise SettlementConflict("a file with this id was imported with another content")
            return msgspec.structs.replace(before[1], again=True)
        await unit.begin(file, digest, subject, now_ms)
        found = _Found()
        for lines in _parts(file.lines):
            await _write(unit, file, lines, found, now_ms)
        report = _report(file, found, now_ms)
        entry = TrailEntry(
            at_ms=now_ms, by=subject, action="settlement_imported", subject=f"{file.provider}:{file.id}",
            details={"lines": len(file.lines), "differences": found.count},
        )  # fmt: skip
        await unit.finish(report, entry)
    return report


class _Found:
    """Differences so far; only the first ones are kept."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[ReconciliationDifference] = []

    def add(self, difference: ReconciliationDifference) -> None:
        self.count += 1
        if len(self.kept) < REPORTED_MAX:
            self.kept.append(difference)


def _parts(lines: Sequence[SettlementLine]) -> Iterator[Sequence[SettlementLine]]:
    for at in range(0, len(lines), LINES_AT_ONCE):
        yield lines[at : at + LINES_AT_ONCE]


async def _write(
    unit: SettlementUnit, file: SettlementFile, lines: Sequence[SettlementLine], found: _Found, now_ms: int
) -> None:
    there = await unit.lines([line.id for line in lines])
    refs = sorted({line.ref for line in lines})
    owed = sorted({line.ref for line in lines if line.of > 1})
    settling = SettlementMatching(file.provider, await unit.means(refs, owed=owed))
    written, transactions = [], list[LedgerTransaction]()
    for line in lines:
        if (before := there.get(line.id)) is not None:
            if before != line:
                raise SettlementConflict(f"the line {line.id!r} was imported with another content")
            found.add(settling.difference(line, "settled_twice", "line"))
            continue
        for difference in settling.settle(line):
            found.add(difference)
        reference = settling.reference_of(line) or f"settlement:{file.provider}:{file.id}"[:REFERENCE_CHARS_MAX]
        written.append((line, reference))
        transaction = settled_transaction(
            key=settlement_key(file.provider, line.id), provider=file.provider, reference=reference,
            currency=line.currency, gross=line.gross, fee=line.fee, net=line.net, from_accounts=settling.accounts(line),
        )  # fmt: skip
        if transaction is not None:
            transactions.append(transaction)
    await unit.write(file.id, written, transactions, now_ms)


def _report(file: SettlementFile, found: _Found, now_ms: int) -> SettlementReport:
    gross, fees, net = Counter[str](), Counter[str](), Counter[str]()
    for line in file.lines:
        gross[line.currency] += line.gross
        fees[line.currency] += line.fee
        net[line.currency] += line.net
    return SettlementReport(
        id=file.id,
        provider=file.provider,
        day=file.day,
        lines=len(file.lines),
        gross=_money(gross),
        fees=_money(fees),
        net=_money(net),
        imported_at=rfc3339(now_ms),
        differences_count=found.count,
        differences=tuple(found.kept),
    )


def _money(sums: Counter[str]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
