"""What ``renga ledger`` prints. Each returns how much is wrong."""

import msgspec

from renga.domains.payments.contract.ledger_reading import (
    READING_LEDGER,
    AccountEntry,
    CurrencyTotal,
    Ledger,
    MerchantStatement,
    StatementBalance,
    TrialBalance,
    TrialLine,
)
from renga.kernel.caller import Caller
from renga.kernel.money import Money
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections

COMMAND = Caller.of_system("ledger", READING_LEDGER)


async def trial_balance(line: CommandLine, settings: Sections, currency: str | None, *, json: bool) -> int:
    """Of all entries, not of checkpoints."""
    async with line.opened(settings, "payments") as modules:
        ledger: Ledger = modules["payments"].own.ledger
        found = await ledger.trial_balance(COMMAND, currency=currency, whole=True)
    print(msgspec.json.encode(found).decode() if json else _trial_text(found))
    return sum(total.balance != 0 for total in found.totals)


def _trial_text(found: TrialBalance) -> str:
    rows = [f"{'account':14} {'':3} {'debits':>20} {'credits':>20} {'balance':>20}"]
    rows += [_trial_row(line.kind, line) for line in found.lines]
    rows += [_trial_row("total", total) for total in found.totals]
    wrong = [total.currency for total in found.totals if total.balance]
    rows.append(f"not zero: {', '.join(wrong)}" if wrong else "every currency sums to zero")
    return "\n".join(rows)


def _trial_row(name: str, one: TrialLine | CurrencyTotal) -> str:
    amounts = (_decimal(amount, one.currency) for amount in (one.debits, one.credits, one.balance))
    return f"{name:14} {one.currency:3} " + " ".join(f"{amount:>20}" for amount in amounts)


async def statement(
    line: CommandLine, settings: Sections, merchant: str, first_day: str, last_day: str, *, json: bool
) -> int:
    """All pages. While it is read, entries of a period that has not ended may come: then it is read again."""
    async with line.opened(settings, "payments") as modules:
        ledger: Ledger = modules["payments"].own.ledger
        found = await _whole(ledger, merchant, first_day, last_day)
        for _ in range(3):
            if not _wrong(found):
                break
            found = await _whole(ledger, merchant, first_day, last_day)
    print(msgspec.json.encode(found).decode() if json else _statement_text(found))
    return len(_wrong(found))


async def _whole(ledger: Ledger, merchant: str, first_day: str, last_day: str) -> MerchantStatement:
    lines: list[AccountEntry] = []
    cursor: str | None = None
    while True:
        page = await ledger.statement(COMMAND, merchant, first_day=first_day, last_day=last_day, cursor=cursor)
        lines.extend(page.lines)
        if (cursor := page.next) is None:
            return msgspec.structs.replace(page, lines=tuple(lines))


def _wrong(found: MerchantStatement) -> list[StatementBalance]:
    """Balances to which the lines do not add up."""
    sums = {one.currency: one.opening for one in found.balances}
    for entry in found.lines:
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount
    return [one for one in found.balances if sums[one.currency] != one.closing]


def _statement_text(found: MerchantStatement) -> str:
    rows = [f"merchant {found.merchant}, {found.first_day} to {found.last_day} (UTC); positive: the shop owes"]
    for balance in found.balances:
        rows.append(f"{'opening':66} {_decimal(balance.opening, balance.currency):>20} {balance.currency}")
        rows += [_line_text(one) for one in found.lines if one.currency == balance.currency]
        rows.append(f"{'closing':66} {_decimal(balance.closing, balance.currency):>20} {balance.currency}")
    if not found.balances:
        rows.append("no entries until then")
    rows += [f"the lines do not add up in {one.currency}" for one in _wrong(found)]
    return "\n".join(rows)


def _line_text(entry: AccountEntry) -> str:
    amount = _decimal(entry.amount, entry.currency)
    return f"{entry.at:24} {entry.kind:20.20} {entry.reference:20.20} {amount:>20} {entry.currency}"


async def verify(line: CommandLine, settings: Sections) -> int:
    async with line.opened(settings, "payments") as modules:
        ledger: Ledger = modules["payments"].own.ledger
        faults = await ledger.verify(COMMAND)
    for one in faults:
        print(f"{one.kind} {one.subject}: {one.detail}")
    print(f"{len(faults)} faults" if faults else "every transaction, checkpoint and total agrees with the entries")
    return len(faults)


def _decimal(amount: int, currency: str) -> str:
    return Money(amount, currency).decimal()
