"""Reads for callers who have something else to answer with: what does not come in time is not waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

T = TypeVar("T")

#: How long a read may take, and for how long none is tried after one that was late or refused.
WAIT_S, AWAY_MS = 0.5, 1_000


class HurriedReads:
    """Reads of one owner. A database that hangs costs its readers one wait a second, not one each."""

    def __init__(self, clock: Clock, *, wait_s: float = WAIT_S, away_ms: int = AWAY_MS) -> None:
        self._clock, self._wait_s, self._away_ms = clock, wait_s, away_ms
        self._away_until_ms = 0

    async def read(self, load: Callable[[], Awaitable[T]]) -> T | None:
        """The result of ``load``; None: the owner is unavailable, or was a moment ago. ``load`` must survive cancellation."""
        if 0 < self._away_until_ms - self._clock.now_ms() <= self._away_ms:
            return None
        try:
            async with asyncio.timeout(self._wait_s):
                return await load()
        except (Unavailable, TimeoutError):
            self._away_until_ms = self._clock.now_ms() + self._away_ms
            return None
