"""Use case: the trial balance."""

from collections import defaultdict

from renga.domains.payments.contract.errors import LedgerInvalid
from renga.domains.payments.contract.ledger_reading import READING_LEDGER, CurrencyTotal, TrialBalance
from renga.domains.payments.ledger.ports import LedgerReads
from renga.kernel.caller import Caller
from renga.kernel.money import CURRENCIES


async def read_trial_balance(reads: LedgerReads, caller: Caller, *, currency: str | None, whole: bool) -> TrialBalance:
    """Raises LedgerInvalid."""
    caller.require(READING_LEDGER)
    if currency is not None and currency not in CURRENCIES:
        raise LedgerInvalid(f"{currency[:10]!r} is no active currency of ISO 4217", field="currency")
    lines = tuple(await reads.trial(currency, whole=whole))
    debits: defaultdict[str, int] = defaultdict(int)
    credits_: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        debits[line.currency] += line.debits
        credits_[line.currency] += line.credits
    totals = tuple(
        CurrencyTotal(currency=code, debits=debits[code], credits=credits_[code], balance=debits[code] - credits_[code])
        for code in sorted(debits)
    )
    return TrialBalance(balanced=not any(total.balance for total in totals), lines=lines, totals=totals)
