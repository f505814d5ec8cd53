"""Retries after an outage or a write conflict: how often, with which waits, for which errors, until when.

Waits have full jitter (a random share of a bound that doubles), so that callers that failed together do not retry together:
M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

``Retries`` is for a call with a waiting caller, ``Backoff`` for a loop that runs until stopped. Not built on these:

- ``HotRedis``: its retries learn the topology again, follow redirections and know whether an attempt was sent; its first
  attempt has none of that cost.
- ``bus/delivery.py``: the handler fails, not the engine; waits keep the order, have no jitter, and end when the consumer
  stops. An outage costs no attempt.
- ``process``: its waits are rows of a table and survive the worker.
- Optimistic writes of the catalogue: after a conflict they read and decide again at once.
- ``engines``: restarts of a child process, limited in number per time.
- redis-py on a cluster and obstore retry inside the driver; their limits are set where the clients are made.
- Periodic loops (due dates, sweeps, feeds) try again in their next round.

The maintained libraries are tenacity and stamina. Both have the call, neither has the loop; stamina has no full jitter. The
gain would be less than the cost of importing them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

T = TypeVar("T")

#: A random number between two bounds.
Uniform = Callable[[float, float], float]
Sleep = Callable[[float], Awaitable[None]]


class Backoff:
    """Waits of a random length up to a bound, which doubles from ``wait_min_ms`` to ``wait_max_ms`` until ``reset``."""

    def __init__(self, *, wait_min_ms: int, wait_max_ms: int, uniform: Uniform = random.uniform) -> None:
        self._min_ms, self._max_ms, self._uniform = wait_min_ms, wait_max_ms, uniform
        self._bound_ms = wait_min_ms
        #: True until the first wait after a ``reset``, for logging an outage once.
        self.first = True

    def next_ms(self) -> int:
        wait_ms = round(self._uniform(0, self._bound_ms))
        self._bound_ms = min(self._bound_ms * 2, self._max_ms)
        self.first = False
        return wait_ms

    def reset(self) -> None:
        self._bound_ms = self._min_ms
        self.first = True


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a call: total attempts, bounds of the waits, and the time after which no attempt starts (0: no limit)."""

    attempts_max: int
    wait_min_ms: int
    wait_max_ms: int
    deadline_ms: int = 0

    async def call(
        self,
        work: Callable[[], Awaitable[T]],
        again: Callable[[Exception], bool],
        *,
        sleep: Sleep = asyncio.sleep,
        uniform: Uniform = random.uniform,
    ) -> T:
        """The result of ``work``, which must be idempotent. Raises its last error, or the first one that is not retryable."""
        now = asyncio.get_running_loop().time
        end_s = now() + self.deadline_ms / 1000
        backoff = Backoff(wait_min_ms=self.wait_min_ms, wait_max_ms=self.wait_max_ms, uniform=uniform)
        for _ in range(self.attempts_max - 1):
            try:
                return await work()
            except Exception as error:
                wait_s = backoff.next_ms() / 1000
                if not again(error) or (self.deadline_ms and now() + wait_s >= end_s):
                    raise
            await sleep(wait_s)
        return await work()
