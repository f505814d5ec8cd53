"""Background jobs of finance: payouts and settlement files once a day, evidence that a provider has not taken yet."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.finance_errors import SettlementConflict, SettlementInvalid, SettlementNotFound
from renga.domains.payments.contract.management import ALL_PAYOUTS
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.import_settlement import fetch_settlement
from renga.domains.payments.finance.keep_disputes import send_waiting_evidence
from renga.domains.payments.finance.model.payout_schedule import day_of, latest_closed
from renga.domains.payments.finance.run_payouts import run_payouts
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

#: Pauses: between two looks at the clock, between two questions for settlement files, between two looks for evidence.
DAY_LOOK_S = 60.0
SETTLEMENT_EVERY_S = 1_800.0
EVIDENCE_EVERY_S = 60.0
#: Files of so many days are asked for, the present one included.
SETTLEMENT_DAYS = 4

PAYOUTS = Counter("renga_payments_payouts", "Payouts and statements that a worker made")
REFUSED_FILES = Counter(
    "renga_payments_settlements_refused", "Settlement files of providers that could not be imported"
)


def finance_jobs(dependencies: FinanceDependencies) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled; several workers do nothing twice."""
    return [
        pay_out_until_cancelled(dependencies),
        fetch_settlements_until_cancelled(dependencies),
        send_evidence_until_cancelled(dependencies),
    ]


async def pay_out_until_cancelled(dependencies: FinanceDependencies) -> None:
    """Once a day, soon after midnight (UTC), and when a worker starts."""
    caller = Caller.of_system("payouts", ALL_PAYOUTS)
    done = None
    while True:
        try:
            day = latest_closed(dependencies.clock.now_ms())
            if day != done:
                run = await run_payouts(dependencies, caller, day.isoformat())
                PAYOUTS.inc(len(run.payouts))
                done = day
        except Unavailable as error:
            log.warning("payouts_wait", code=error.code, detail=error.detail)
        await asyncio.sleep(DAY_LOOK_S)


async def fetch_settlements_until_cancelled(dependencies: FinanceDependencies) -> None:
    """Files of the last days that are not imported yet."""
    while dependencies.providers:
        try:
            await fetch_settlements(dependencies)
        except Unavailable as error:
            log.warning("settlements_wait", code=error.code, detail=error.detail)
        await asyncio.sleep(SETTLEMENT_EVERY_S)


async def fetch_settlements(dependencies: FinanceDependencies) -> int:
    """Import what is missing; returns how many files were new."""
    caller, today = Caller.of_system("settlements", MANAGING_PAYMENTS), day_of(dependencies.clock.now_ms())
    new = 0
    for provider in dependencies.providers:
        for day in (today - timedelta(days=back) for back in range(1, SETTLEMENT_DAYS)):
            if await dependencies.settlements.has_day(provider, day):
                continue
            try:
                report = await fetch_settlement(dependencies, caller, provider, day.isoformat())
                new += not report.again
            except SettlementNotFound:
                continue
            except ProviderAway as error:
                log.warning("settlement_waits", provider=provider, code=error.code)
                break
            except (SettlementInvalid, SettlementConflict) as error:
                REFUSED_FILES.inc()
                log.error("settlement_refused", provider=provider, day=day.isoformat(), code=error.code)
    return new


async def send_evidence_until_cancelled(dependencies: FinanceDependencies) -> None:
    """Evidence that a provider did not take when it was handed in."""
    while dependencies.evidence_takers:
        try:
            await send_waiting_evidence(dependencies)
        except Unavailable as error:
            log.warning("evidence_waits", code=error.code, detail=error.detail)
        await asyncio.sleep(EVIDENCE_EVERY_S)
