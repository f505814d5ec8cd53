"""Rate limits on Redis or Valkey: one script per caller, one round trip, the server's own clock.

All limits with the same ``Limit.key`` share a hash tag, hence a slot: one script counts all of them or none. Limits with
different keys (an address and an account) may be on different servers of a cluster: their scripts are sent together, and when
one refuses, the counts of the others are returned. A caller is then briefly counted too high, never too low. On one server a
single script has all keys.
"""

import asyncio
import importlib.resources
import math
from collections.abc import Sequence
from typing import Any

import structlog
from prometheus_client import Counter

from renga.kernel.clock import Clock
from renga.platform.ratelimit.port import Limit, LimitDecision, step_us
from renga.platform.redis.client import HotRedis, Script
from renga.platform.redis.errors import RedisTrouble

log = structlog.get_logger(__name__)

#: The client's deadlines: a slow limiter must not make the shop slow.
ATTEMPT_TIMEOUT_S, DEADLINE_S = 0.25, 0.25
#: After a failure requests are admitted unchecked for this long, so that an outage does not delay them.
OPEN_S = 1.0

FAILED_OPEN = Counter("renga_ratelimit_failed_open_total", "Requests that passed because the limiter's store was away")


class RedisRateLimiter:
    """Implements ``RateLimiter``. ``clock`` is for simulations."""

    def __init__(self, redis: HotRedis, *, clock: Clock | None = None) -> None:
        self._redis = redis
        self._clock = clock
        folder = importlib.resources.files("renga.platform.ratelimit") / "scripts"
        self._take = Script("take", (folder / "take.lua").read_text("utf-8"))
        self._give_back = Script("give_back", (folder / "give_back.lua").read_text("utf-8"))
        self._open_until = 0.0

    async def take(self, limits: Sequence[Limit], cost: int = 1, ahead: int = 0) -> LimitDecision | None:
        if not limits:
            raise ValueError("at least one limit")
        if self._open_until and asyncio.get_running_loop().time() < self._open_until:
            FAILED_OPEN.inc()
            return None
        try:
            if len(limits) == 1 or len({limit.key for limit in limits}) == 1:
                return await self._one(limits, cost, ahead)
            if not self._redis.slotted:
                return await self._one(limits, cost)
            return await self._several(limits, cost)
        except RedisTrouble as trouble:
            self._open_until = asyncio.get_running_loop().time() + OPEN_S
            FAILED_OPEN.inc()
            log.warning("ratelimit_failed_open", error=str(trouble), for_s=OPEN_S)
            return None

    async def give_back(self, limits: Sequence[Limit], count: int) -> None:
        try:
            await self._return(limits, count)
        except RedisTrouble as trouble:
            log.warning("ratelimit_not_given_back", count=count, error=str(trouble))

    async def _one(self, limits: Sequence[Limit], cost: int, ahead: int = 0) -> LimitDecision:
        keys = tuple([f"rate:{{{limit.key}}}:{limit.name}" for limit in limits])
        args: list[int] = [0 if self._clock is None else self._clock.now_ms() * 1000, cost, ahead]
        for limit in limits:
            args += (step_us(limit), limit.burst)
        # not repeatable: a count without an answer may have happened
        return _verdict(limits, await self._redis.run(self._take, keys, tuple(args), repeatable=False))

    async def _several(self, limits: Sequence[Limit], cost: int) -> LimitDecision:
        groups: dict[str, list[Limit]] = {}
        for limit in limits:
            groups.setdefault(limit.key, []).append(limit)
        asked = list(groups.values())
        verdicts = await asyncio.gather(*(self._one(group, cost) for group in asked), return_exceptions=True)
        failed = [one for one in verdicts if isinstance(one, BaseException)]
        refused = [one for one in verdicts if isinstance(one, LimitDecision) and not one.allowed]
        if refused or failed:
            counted = [g for g, v in zip(asked, verdicts, strict=True) if isinstance(v, LimitDecision) and v.allowed]
            await asyncio.gather(*(self._return(group, cost) for group in counted))
        if refused:
            return max(refused, key=lambda verdict: verdict.retry_after_s)
        if failed:
            raise failed[0]
        return min((one for one in verdicts if isinstance(one, LimitDecision)), key=lambda verdict: verdict.remaining)

    async def _return(self, group: Sequence[Limit], cost: int) -> None:
        keys = tuple(f"rate:{{{limit.key}}}:{limit.name}" for limit in group)
        steps = [step_us(limit) for limit in group]
        await self._redis.run(self._give_back, keys, (cost, *steps), repeatable=False)


def _verdict(limits: Sequence[Limit], reply: Any) -> LimitDecision:
    allowed, nearest, remaining, full_us, wait_us, ahead = reply
    return LimitDecision(
        allowed=allowed == 1,
        limit=limits[nearest - 1],
        remaining=remaining,
        reset_s=math.ceil(full_us / 1_000_000),
        retry_after_s=math.ceil(wait_us / 1_000_000),
        ahead=ahead,
        full_us=full_us,
    )
