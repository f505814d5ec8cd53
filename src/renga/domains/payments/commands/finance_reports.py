"""What ``renga payouts`` and ``renga payments settle | reconcile`` print. Those that compare return how much is wrong."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from renga.domains.payments.contract.finance_errors import SettlementNotFound
from renga.domains.payments.contract.management import ALL_PAYOUTS
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, READING_PAYMENTS
from renga.domains.payments.contract.payouts import Payout
from renga.domains.payments.contract.settlements import Reconciliation, ReconciliationDifference
from renga.domains.payments.finance.local import LocalFinance
from renga.domains.payments.finance.model.payout_schedule import day_of
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.kernel.money import CURRENCIES, Money
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections

COMMAND = Caller.of_system("finance", READING_PAYMENTS, MANAGING_PAYMENTS, ALL_PAYOUTS)


async def run_payouts(line: CommandLine, settings: Sections, day: str | None, *, json: bool) -> None:
    async with line.opened(settings, "payments") as modules:
        run = await modules["payments"].own.finance.run_payouts(COMMAND, day)
    for payout in run.payouts:
        print(msgspec.json.encode(payout).decode() if json else _payout_text(payout))
    if not json:
        paid = sum(payout.state == "scheduled" for payout in run.payouts)
        print(f"{run.day}: {paid} payouts, {len(run.payouts) - paid} balances carried on")


def _payout_text(payout: Payout) -> str:
    amount = f"{payout.amount.decimal():>16} {payout.amount.currency}"
    held = f", {payout.held.decimal()} held" if payout.held.amount else ""
    why = f" ({payout.reason})" if payout.reason else ""
    return f"{payout.id} {payout.merchant:36} {amount} {payout.state}{why}{held}"


async def settle(line: CommandLine, settings: Sections, day: str | None, provider: str | None) -> int:
    """Returns how many differences the files have."""
    count = 0
    async with line.opened(settings, "payments") as modules:
        finance: LocalFinance = modules["payments"].own.finance
        yesterday = day_of(finance.dependencies.clock.now_ms()) - timedelta(days=1)
        wanted = day or yesterday.isoformat()
        for name in _providers(finance, provider):
            try:
                report = await finance.fetch_settlement(COMMAND, name, wanted)
            except SettlementNotFound:
                print(f"{name} {wanted}: no settlement file")
                continue
            count += report.differences_count
            for difference in report.differences:
                print(difference_text(difference))
            again = ", imported before" if report.again else ""
            net = ", ".join(f"{one.decimal()} {one.currency}" for one in report.net) or "nothing"
            print(f"{name} {wanted}: {report.lines} lines, net {net}, {report.differences_count} differences{again}")
    return count


def _providers(finance: LocalFinance, provider: str | None) -> Sequence[str]:
    """Raises Invalid: a wrong name is wrong input, not a difference."""
    names = list(finance.dependencies.providers)
    if provider is None:
        return names
    if provider not in names:
        raise Invalid(f"there is no payment provider {provider[:40]!r}; there are: {', '.join(names) or 'none'}")
    return [provider]


async def reconcile(line: CommandLine, settings: Sections, day: str, provider: str | None, *, json: bool) -> int:
    """Returns how many differences there are."""
    count = 0
    async with line.opened(settings, "payments") as modules:
        finance: LocalFinance = modules["payments"].own.finance
        for name in _providers(finance, provider):
            async for found in finance.reconcile(COMMAND, name, day):
                count += isinstance(found, ReconciliationDifference)
                print(msgspec.json.encode(found).decode() if json else _text(found))
    if not json:
        print(f"{count} differences" if count else "nothing differs")
    return count


def _text(found: ReconciliationDifference | Reconciliation) -> str:
    if isinstance(found, ReconciliationDifference):
        return difference_text(found)
    return (
        f"{found.provider} {found.day}: {found.records} payments and {found.settlement_lines} settlement lines compared, "
        f"{found.differences} differences"
    )


def difference_text(one: ReconciliationDifference) -> str:
    """One line for a person."""
    amounts = [
        f"{where} {_amount(amount, one.currency)}"
        for where, amount in (("there", one.there), ("here", one.here))
        if amount is not None
    ]
    names = [one.ref or "-", *([f"line {one.line}"] if one.line else []), *([one.reference] if one.reference else [])]
    return f"{one.kind} {one.provider} {' '.join(names)}: {', '.join([one.what, *amounts])}"


def _amount(amount: int, currency: str) -> str:
    """In major units; what a provider calls a currency may be none."""
    return f"{Money(amount, currency).decimal()} {currency}" if currency in CURRENCIES else str(amount)
