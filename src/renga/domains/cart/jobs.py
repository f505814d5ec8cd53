"""Background jobs of the cart: expire and abandon carts, finish merges, restore carts after a loss of the store."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import structlog
from prometheus_client import Counter

from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.merging import resume_merge
from renga.domains.cart.ports import Deadlines, Due
from renga.domains.cart.take_snapshots import take_snapshots
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

#: Carts per step of one shard; a step occupies the store for about a millisecond.
SWEEP_MAX = 100
#: Pause between rounds: shortest, longest (a deadline set meanwhile is at most this late), and while the store is unavailable.
SWEEP_WAIT_MIN_S, SWEEP_WAIT_MAX_S, SWEEP_AWAY_S = 0.5, 4.0, 1.0
#: Shards swept at the same time.
SWEEP_CONCURRENCY = 8
#: Interval and batch of the comparison of snapshots with the store; how late an expiry must be to count as overdue.
RECONCILE_EVERY_S, RECONCILE_MAX, OVERDUE_MS = 30.0, 500, 10_000
#: How long snapshots of ended carts are kept.
KEEP_OVER_MS = 8 * 86_400_000

EXPIRED = Counter("renga_cart_expired", "Carts that expired")
ABANDONED = Counter("renga_cart_abandoned", "Carts that were abandoned")
RESTORED = Counter("renga_cart_restored", "Carts brought back from a snapshot by the reconciler")


async def sweep_until_cancelled(
    dependencies: CartDependencies, deadlines: Deadlines, held: Callable[[], Iterable[int]]
) -> None:
    """Sweep the shards whose lease this worker holds. The lease only saves work: two sweepers on one shard are safe."""
    while True:
        shards = sorted(held())
        try:
            due = await deadlines.due(shards)
            more = await sweep_round(dependencies, deadlines, due.shards)
        except Unavailable as error:
            log.warning("sweep_interrupted", code=error.code)
            await asyncio.sleep(SWEEP_AWAY_S)
            continue
        if not more:
            await asyncio.sleep(sweep_wait_s(due, shards))


def sweep_wait_s(due: Due, shards: Sequence[int]) -> float:
    """Until the next known deadline, within the bounds; the shortest while carts come due or no shard is held yet."""
    if due.shards or not shards:
        return SWEEP_WAIT_MIN_S
    next_s = SWEEP_WAIT_MAX_S if due.next_ms is None else due.next_ms / 1000
    return min(max(next_s, SWEEP_WAIT_MIN_S), SWEEP_WAIT_MAX_S)


async def sweep_round(dependencies: CartDependencies, deadlines: Deadlines, shards: Iterable[int]) -> bool:
    """One step on each of the shards; True if a shard may have more due carts."""
    gate = asyncio.Semaphore(SWEEP_CONCURRENCY)

    async def one(shard: int) -> bool:
        async with gate:
            swept = await deadlines.sweep(shard, SWEEP_MAX)
        EXPIRED.inc(swept.expired)
        ABANDONED.inc(swept.abandoned)
        for merge in swept.merging:
            await resume_merge(dependencies, merge.source_id, merge.target_id)
        return swept.looked == SWEEP_MAX

    return any(await asyncio.gather(*(one(shard) for shard in shards)))


async def reconcile_until_cancelled(dependencies: CartDependencies, clock: Clock) -> None:
    """Every RECONCILE_EVERY_S: restore carts that are overdue by their snapshot, so that the sweep expires them."""
    while True:
        try:
            await reconcile(dependencies, clock.now_ms())
        except Unavailable as error:
            log.warning("reconcile_interrupted", code=error.code)
        await asyncio.sleep(RECONCILE_EVERY_S)


async def reconcile(dependencies: CartDependencies, now_ms: int) -> int:
    """One round; returns how many carts were restored. If the store has the cart, only its snapshot is renewed."""
    overdue = await dependencies.snapshots.overdue(now_ms - OVERDUE_MS, RECONCILE_MAX)
    restored = 0
    for cart_id in overdue:
        snapshot = await dependencies.snapshots.find(cart_id)
        if snapshot is not None and await dependencies.recovery.restore(cart_id, snapshot.fields):
            restored += 1
    if overdue:
        await take_snapshots(dependencies, overdue)
    RESTORED.inc(restored)
    await dependencies.snapshots.forget(now_ms - KEEP_OVER_MS, RECONCILE_MAX)
    # by then every cart of the person has been deleted
    longest_ms = dependencies.limits.life_ms + dependencies.limits.safety_net_ms + KEEP_OVER_MS
    await dependencies.erased.forget(now_ms - longest_ms, RECONCILE_MAX)
    return restored
