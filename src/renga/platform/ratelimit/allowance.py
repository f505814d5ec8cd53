"""Counts a few requests per caller ahead, so that most requests need not wait for the limiter: they use a count taken earlier.

When few counts are left, more are requested in the same turn of the loop, hence in the same write to the store as the request.
Every request is counted before it is admitted. In any W seconds, N processes together admit at most what the limit allows
(burst + rate x W) plus the counts that they held at the start, at most ``AHEAD_MAX`` each (docs/decisions/0006).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from typing import Any

from renga.kernel.clock import Clock
from renga.platform.ratelimit.port import Limit, LimitDecision, RateLimiter, step_us

#: Most counts that a process holds for one caller; also at most 1/``BURST_SHARE`` of the caller's smallest burst.
AHEAD_MAX, BURST_SHARE = 256, 8
#: If a caller uses up a refill sooner than this, the next one is twice as large; otherwise half as large.
GROW_MS = 1_000
#: Most callers with held counts; the one idle for the longest time is dropped first.
CALLERS_MAX = 10_000
#: Held counts of an idle caller are returned after this time; how often that is checked.
QUIET_MS, SWEEP_S = 60_000, 1.0
#: Most concurrent returns; beyond it counts are not returned (the caller loses them, no limit is exceeded).
GIVING_MAX = 1_000


class _Held:
    """The held counts of one caller: ``count`` are left; ``size`` is the target of the next refill."""

    __slots__ = ("asking", "at_ms", "count", "filled_ms", "full_us", "limit", "size", "size_max", "step_us")

    def __init__(self, limits: Sequence[Limit], now_ms: int) -> None:
        self.count = 0
        self.size = 1
        self.size_max = min(AHEAD_MAX, min(limit.burst for limit in limits) // BURST_SHARE)
        self.asking = False
        self.at_ms = self.filled_ms = now_ms
        self.limit, self.step_us, self.full_us = limits[0], step_us(limits[0]), 0

    def add(self, verdict: LimitDecision, now_ms: int) -> None:
        """Take over the store's decision: the nearest limit, when its quota is full again, and the counts taken ahead."""
        self.count += verdict.ahead
        self.limit, self.step_us = verdict.limit, step_us(verdict.limit)
        self.full_us = verdict.full_us
        self.at_ms = self.filled_ms = now_ms

    def resize(self, now_ms: int) -> None:
        """Adapt the size, aiming at one refill per second."""
        soon = now_ms - self.filled_ms < GROW_MS
        self.size = min(self.size * 2, self.size_max) if soon else max(self.size // 2, 1)

    def verdict(self, now_ms: int) -> LimitDecision:
        """The decision as this process sees it, without what other processes have used since its last call of the store."""
        until_us = self.full_us - (now_ms - self.filled_ms) * 1000 - self.count * self.step_us
        used, reset_s = (0, 0) if until_us <= 0 else (-(-until_us // self.step_us), -(-until_us // 1_000_000))
        remaining = self.limit.burst - used
        return LimitDecision(
            allowed=True,
            limit=self.limit,
            remaining=remaining if remaining > 0 else 0,
            reset_s=reset_s,
            retry_after_s=0,
        )


class Allowance:
    """A cache of counts before a ``RateLimiter``. ``close`` returns the held counts."""

    def __init__(self, limiter: RateLimiter, clock: Clock) -> None:
        self._limiter = limiter
        self._clock = clock
        self._callers: OrderedDict[tuple[Limit, ...], _Held] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def spend(self, limits: tuple[Limit, ...]) -> LimitDecision | None:
        """Use a held count, without waiting. None: none is held, call ``take``."""
        held = self._callers.get(limits)
        if held is None or held.count == 0:
            return None
        held.count -= 1
        held.at_ms = now_ms = self._clock.now_ms()
        self._callers.move_to_end(limits)
        if held.count <= held.size // 2 and not held.asking:
            held.asking = True
            held.resize(now_ms)
            self._begin(self._refill(limits, held))
        return held.verdict(now_ms)

    async def take(self, limits: tuple[Limit, ...]) -> LimitDecision | None:
        """Count one request now, and take a few counts ahead. None if the limiter failed open."""
        held = self._callers.get(limits)
        if held is None:
            held = _Held(limits, self._clock.now_ms())
            if held.size_max > 0 and len({limit.key for limit in limits}) == 1:
                self._remember(limits, held)
        ahead = 0 if held.asking else min(held.size, held.size_max) - held.count
        if ahead <= 0:
            return await self._limiter.take(limits)
        held.asking = True
        try:
            verdict = await self._limiter.take(limits, 1, ahead)
        finally:
            held.asking = False
        if verdict is None or verdict.ahead == 0:
            return verdict
        self._put(limits, held, verdict)
        return held.verdict(self._clock.now_ms())

    async def close(self) -> None:
        """Return all held counts."""
        if self._timer is not None:
            self._timer.cancel()
        for limits in list(self._callers):
            self._drop(limits)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _refill(self, limits: tuple[Limit, ...], held: _Held) -> None:
        try:
            verdict = await self._limiter.take(limits, 0, held.size - held.count)
        finally:
            held.asking = False
        if verdict is not None:
            self._put(limits, held, verdict)

    def _put(self, limits: tuple[Limit, ...], held: _Held, verdict: LimitDecision) -> None:
        held.add(verdict, self._clock.now_ms())
        if self._callers.get(limits) is not held:
            self._return_counts(limits, held)  # it was dropped meanwhile

    def _remember(self, limits: tuple[Limit, ...], held: _Held) -> None:
        if len(self._callers) >= CALLERS_MAX:
            self._drop(next(iter(self._callers)))
        self._callers[limits] = held
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        """Drop idle callers and return their counts."""
        self._timer = None
        before_ms = self._clock.now_ms() - QUIET_MS
        while self._callers:
            limits, held = next(iter(self._callers.items()))
            if held.at_ms > before_ms:
                break
            self._drop(limits)
        if self._callers:
            self._timer = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    def _drop(self, limits: tuple[Limit, ...]) -> None:
        self._return_counts(limits, self._callers.pop(limits))

    def _return_counts(self, limits: tuple[Limit, ...], held: _Held) -> None:
        count, held.count = held.count, 0
        if count and len(self._tasks) < GIVING_MAX:
            self._begin(self._limiter.give_back(limits, count))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
