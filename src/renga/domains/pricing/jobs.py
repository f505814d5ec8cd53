"""Background jobs of pricing: redemptions of dead checkouts, old answers of repeated requests."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from prometheus_client import Counter

from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.expire_redemptions import DUE_MAX, expire_redemptions, forget_redemptions
from renga.kernel.errors import Unavailable
from renga.platform.due_work import work_until_cancelled

log = structlog.get_logger(__name__)

#: Pause between two sweeps of what is old.
SWEEP_EVERY_S = 300.0
#: Batches per sweep; the rest waits for the next one.
BATCHES_MAX = 20

EXPIRED = Counter("renga_pricing_redemptions_expired", "Redemptions that were freed because their deadline has passed")


def jobs(
    dependencies: RedemptionDependencies, sweep_answers: Callable[[], Awaitable[int]]
) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled."""
    return [expire_until_cancelled(dependencies), sweep_until_cancelled(dependencies, sweep_answers)]


async def expire_until_cancelled(dependencies: RedemptionDependencies) -> None:
    """Safe with several workers: under the lock of a redemption only one frees it."""

    async def step() -> int:
        looked, freed = await expire_redemptions(dependencies)
        EXPIRED.inc(freed)
        return looked

    await work_until_cancelled("redemptions", step, batch_max=DUE_MAX)


async def sweep_until_cancelled(
    dependencies: RedemptionDependencies, sweep_answers: Callable[[], Awaitable[int]]
) -> None:
    """Deletes answers of repeated requests and released redemptions once they are old."""

    async def forget() -> int:
        return await forget_redemptions(dependencies)

    while True:
        try:
            for sweep in (sweep_answers, forget):
                for _ in range(BATCHES_MAX):
                    if not await sweep():
                        break
        except Unavailable as error:
            log.warning("old_rows_of_pricing_not_swept", code=error.code, detail=error.detail)
        await asyncio.sleep(SWEEP_EVERY_S)
