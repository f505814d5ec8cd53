"""Use case: free the uses of checkouts whose deadline has passed, each exactly once; forget old released redemptions."""

from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.recording import EventsOfRedemption
from renga.kernel.clock import DAY_MS

#: Redemptions that one round looks at, and for how long a released one still refuses to be redeemed.
DUE_MAX, FORGET_MAX = 200, 1_000
RELEASED_KEPT_MS = 30 * DAY_MS


async def expire_redemptions(dependencies: RedemptionDependencies) -> tuple[int, int]:
    """Returns how many were due, and how many of them this call freed. Safe with several workers."""
    now_ms = dependencies.clock.now_ms()
    keys = await dependencies.redemptions.due(now_ms, DUE_MAX)
    freed = 0
    for key in keys:
        events = EventsOfRedemption(dependencies, key)
        freed += await dependencies.redemptions.release(key, events, now_ms, only_due=True)
    return len(keys), freed


async def forget_redemptions(dependencies: RedemptionDependencies) -> int:
    """Returns how many old ones were deleted."""
    before_ms = dependencies.clock.now_ms() - RELEASED_KEPT_MS
    return await dependencies.redemptions.forget(before_ms, FORGET_MAX)
