"""Background jobs of checkouts: their expiry, and what is old."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog
from prometheus_client import Counter

from renga.domains.orders.close_checkouts import DUE_MAX, FORGET_MAX, expire_due, forget_ended
from renga.domains.orders.ports.checkouts import CheckoutStore
from renga.domains.orders.ports.orders import OrderStore
from renga.kernel.clock import DAY_MS, Clock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import IdSource
from renga.platform.due_work import work_until_cancelled

log = structlog.get_logger(__name__)

#: Pause between two sweeps of what is old, and the most batches of one sweep.
SWEEP_EVERY_S, BATCHES_MAX = 300.0, 20

EXPIRED = Counter("renga_orders_checkouts_expired", "Checkouts that ended because nobody came back to them")


def jobs(
    store: CheckoutStore,
    clock: Clock,
    new_id: IdSource,
    *,
    kept_days: int,
    sweeps: Sequence[Callable[[], Awaitable[int]]],
) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled. ``sweeps`` delete what else is old, batch by batch."""

    async def forget() -> int:
        return await forget_ended(store, clock, kept_days)

    return [expire_until_cancelled(store, clock, new_id), sweep_until_cancelled([forget, *sweeps])]


async def expire_until_cancelled(store: CheckoutStore, clock: Clock, new_id: IdSource) -> None:
    """Safe with several workers: under the lock of a checkout only one ends it."""

    async def step() -> int:
        looked, ended = await expire_due(store, clock, new_id)
        EXPIRED.inc(ended)
        return looked

    await work_until_cancelled("checkouts", step, batch_max=DUE_MAX)


async def sweep_until_cancelled(sweeps: Sequence[Callable[[], Awaitable[int]]]) -> None:
    """Deletes what is old, until cancelled."""
    while True:
        try:
            for sweep in sweeps:
                for _ in range(BATCHES_MAX):
                    if not await sweep():
                        break
        except Unavailable as error:
            log.warning("old_checkouts_not_swept", code=error.code, detail=error.detail)
        await asyncio.sleep(SWEEP_EVERY_S)


async def forget_attempts(orders: OrderStore, clock: Clock, kept_days: int) -> int:
    """How many old attempts were deleted; their keys may be used again."""
    return await orders.forget_attempts(clock.now_ms() - kept_days * DAY_MS, FORGET_MAX)
