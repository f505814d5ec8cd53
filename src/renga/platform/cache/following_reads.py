"""Reads that are shared and never old: who asks while the same is being read shares the *next* read of it.

``Flights`` lets callers share a load that already runs, whose result may be older than their question: right for caches. Here the
result was always read after its caller asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Read(Generic[V]):
    """A read that runs; ``following`` is the one that its late callers share, and that starts when this one has ended."""

    __slots__ = ("ended", "following", "successor")

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] | None = None
        self.following: asyncio.Task[V] | None = None
        self.successor: _Read[V] | None = None


class FollowingReads(Generic[K, V]):
    """At most one running and one waiting read per key. A caller that stops waiting does not stop the read of the others."""

    def __init__(self) -> None:
        self._running: dict[K, _Read[V]] = {}

    async def join(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        """The result of a read of this key that begins after this call."""
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = _Read()
            return await self._run(key, running, read)
        if running.following is None:
            loop = asyncio.get_running_loop()
            running.ended, running.successor = loop.create_future(), _Read()
            running.following = loop.create_task(self._follow(key, running.ended, running.successor, read))
            running.following.add_done_callback(_retrieve)
        return await asyncio.shield(running.following)

    async def _follow(
        self, key: K, ended: "asyncio.Future[None]", mine: "_Read[V]", read: Callable[[], Awaitable[V]]
    ) -> V:
        await ended
        return await self._run(key, mine, read)

    async def _run(self, key: K, mine: "_Read[V]", read: Callable[[], Awaitable[V]]) -> V:
        try:
            return await read()
        finally:
            if mine.successor is None:
                del self._running[key]
            else:
                self._running[key] = mine.successor
                if mine.ended is not None and not mine.ended.done():
                    mine.ended.set_result(None)


def _retrieve(task: "asyncio.Task[V]") -> None:
    """The error was every waiting caller's; all of them may have been cancelled."""
    if not task.cancelled():
        task.exception()
