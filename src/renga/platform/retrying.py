"""Trying again when an engine is away or two callers met: how often, after which waits, for which errors, until when.

Waits have full jitter (a random share of a bound that doubles), so that callers who failed together do not come back together:
M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

``Retries`` is for a call that somebody waits for; ``Backoff`` for a loop that goes on until it is stopped. These stay apart:

- ``HotRedis``: its waits learn anew who serves the key, follow redirections and know whether a try was sent; its first try is
  free of all that.
- ``bus/delivery.py``: not the engine but the handler fails; waits keep the order, are never shortened by chance, and end when the
  consumer stops. An outage costs no attempt.
- ``process``: its waits are rows of a table and survive the worker.
- Optimistic writes of the catalogue: losing a race means reading and deciding anew, at once; there is nothing to wait for.
- ``engines``: restarts of a child process, with limits on how many in what time.
- redis-py on a cluster and obstore retry inside the driver; their bounds are set where the clients are made.
- Loops that look every so often anyway (due dates, sweeps, feeds) just look again.

Of the libraries, tenacity and stamina are alive. Both offer the call, neither the loop; stamina has no full jitter. What remains
to be saved is less than their import.
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
        #: True until the first wait of a spell: the moment to log.
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
    """The bounds of a call: attempts in all, the bounds of the waits between, and when no attempt begins any more (0: never)."""

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
        """What ``work`` returns; it must be harmless to do twice. Raises its last error, or one that is not to be tried again."""
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
