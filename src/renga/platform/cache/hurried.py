"""Reads for callers who have something else to answer with: what does not come in time is not waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

T = TypeVar("T")

#: How long a read may take, and for how long none is tried after one that was late or refused.
WAIT_S, AWAY_MS = 0.5, 1_000


class HurriedReads:
    """Reads of one owner. A database that hangs costs its readers one wait a second, not one each.

    A read that is late goes on alone: cancelling a driver's call may take as long as the call.
    """

    def __init__(self, clock: Clock, *, wait_s: float = WAIT_S, away_ms: int = AWAY_MS) -> None:
        self._clock, self._wait_s, self._away_ms = clock, wait_s, away_ms
        self._away_until_ms = 0

    async def read(self, load: Callable[[], Awaitable[T]]) -> T | None:
        """The result of ``load``; None: the owner is unavailable or late, or was a moment ago. Other errors are raised."""
        if 0 < self._away_until_ms - self._clock.now_ms() <= self._away_ms:
            return None
        reading: asyncio.Future[T] = asyncio.ensure_future(load())
        reading.add_done_callback(_retrieve)
        await asyncio.wait((reading,), timeout=self._wait_s)
        if reading.done():
            try:
                return reading.result()
            except Unavailable:
                pass  # as if it were late
        self._away_until_ms = self._clock.now_ms() + self._away_ms
        return None


def _retrieve(reading: "asyncio.Future[Any]") -> None:
    """The error of a late read is nobody's."""
    if not reading.cancelled():
        reading.exception()
