"""Background jobs of payments: one loop that asks the database one question for all of them, and a slow one for old rows."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.janitor.do_due import DUE_MAX, do_due
from renga.kernel.clock import DAY_MS
from renga.kernel.errors import Unavailable
from renga.platform.due_work import work_until_cancelled

log = structlog.get_logger(__name__)

#: Pause between two rounds while nothing is due: leases and backoffs are longer than this, so nothing waits for a minute.
IDLE_S = 5.0
#: Pause between two sweeps of old rows, most batches of one, rows of a batch, how long webhooks are kept.
SWEEP_EVERY_S, BATCHES_MAX, SWEEP_ROWS_MAX, WEBHOOKS_KEPT_MS = 3_600.0, 20, 1_000, 90 * DAY_MS

RESOLVED = Counter("renga_payments_operations_resolved", "Operations without an answer that a worker took on")
AWAY = Counter("renga_payments_provider_away", "Questions to a payment provider that had no answer")
EXPIRED = Counter("renga_payments_means_expired", "Means of payment that expired before the buyer paid")
ENDING = Counter("renga_payments_authorisations_ending", "Authorisations that end soon and were looked after")
RETRIED = Counter("renga_payments_webhooks_retried", "Parked webhooks that had their effect later")
UNKNOWN = Gauge("renga_payments_unknown", "Operations whose outcome is unknown for more than a minute")


def jobs(
    dependencies: PaymentDependencies, sweep_answers: Callable[[], Awaitable[int]]
) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled."""
    return [work_until_paid(dependencies), sweep_until_cancelled(dependencies, sweep_answers)]


async def work_until_paid(dependencies: PaymentDependencies) -> None:
    """Safe with several workers: the fence of an operation, and the lock of its payment, let one of them write."""

    async def step() -> int:
        done = await do_due(dependencies)
        RESOLVED.inc(done.resolved)
        AWAY.inc(done.away)
        EXPIRED.inc(done.expired)
        ENDING.inc(done.ending)
        RETRIED.inc(done.webhooks)
        UNKNOWN.set(done.unknown)
        return DUE_MAX if done.full else 0

    await work_until_cancelled("payments", step, batch_max=DUE_MAX, idle_s=IDLE_S)


async def sweep_until_cancelled(dependencies: PaymentDependencies, sweep_answers: Callable[[], Awaitable[int]]) -> None:
    """Deletes answers of repeated requests and webhooks once they are old."""

    async def forget() -> int:
        before_ms = dependencies.clock.now_ms() - WEBHOOKS_KEPT_MS
        return await dependencies.webhooks.forget(before_ms, SWEEP_ROWS_MAX)

    while True:
        await asyncio.sleep(SWEEP_EVERY_S)
        try:
            for sweep in (sweep_answers, forget):
                for _ in range(BATCHES_MAX):
                    if not await sweep():
                        break
        except Unavailable as error:
            log.warning("old_rows_of_payments_not_swept", code=error.code, detail=error.detail)
