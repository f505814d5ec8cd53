"""Use case: make the payouts that are due."""

from collections.abc import AsyncIterator
from datetime import date

import structlog

from renga.domains.payments.contract.payouts import PayoutRun
from renga.domains.payments.finance.access import manage_payouts
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.payout_planning import (
    OwedBalance,
    StoredPayout,
    payout_transactions,
    payout_view,
    planned_payout,
)
from renga.domains.payments.finance.model.payout_schedule import closed_day, latest_closed, latest_due, parsed_day
from renga.kernel.caller import Caller

log = structlog.get_logger(__name__)

#: Merchants that are looked up at once.
MERCHANTS_AT_ONCE = 200


async def run_payouts(dependencies: FinanceDependencies, caller: Caller, day: str | None = None) -> PayoutRun:
    """Each merchant is a transaction of its own: what was made stays made. Raises PayoutDayInvalid."""
    manage_payouts(caller)
    now_ms = dependencies.clock.now_ms()
    until = latest_closed(now_ms) if day is None else closed_day(parsed_day(day), now_ms)
    made = [
        payout
        async for owed in _owed(dependencies)
        if (payout := await _pay_out(dependencies, owed, latest_due(owed.schedule, until))) is not None
    ]
    return PayoutRun(day=until.isoformat(), payouts=tuple(map(payout_view, made)))


async def _owed(dependencies: FinanceDependencies) -> AsyncIterator[OwedBalance]:
    after = ("", "")
    while found := await dependencies.payouts.owed(after, MERCHANTS_AT_ONCE):
        for owed in found:
            yield owed
        after = (found[-1].merchant, found[-1].currency)


async def _pay_out(dependencies: FinanceDependencies, owed: OwedBalance, to_day: date) -> StoredPayout | None:
    """None: it was made already, or nothing has happened."""
    if owed.last_day is not None and owed.last_day >= to_day:
        return None
    rules = dependencies.rules
    async with dependencies.payouts.unit(owed.merchant, owed.currency) as unit:
        last = await unit.last()
        if last is not None and last.to_day >= to_day:
            return None
        delay_days = owed.schedule.delay_days
        period = await unit.period(last, to_day, delay_days=delay_days, settled=rules.after_settlement)
        if period.unexplained:
            # an entry was written more than a minute after its time: no statement would add up to the ledger
            log.error("statement_incomplete", merchant=owed.merchant, currency=owed.currency, amount=period.unexplained)
            return None
        now_ms = dependencies.clock.now_ms()
        planned = planned_payout(owed, last, period, to_day, payout_id=dependencies.new_id(), now_ms=now_ms)
        if planned is not None:
            await unit.add(planned, payout_transactions(planned, planned.state), now_ms)
    return planned
