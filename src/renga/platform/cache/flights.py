"""Single flight: at most one load per key at a time; callers that arrive during it wait for its result.

Used by ``Remembered``, ``TwoLevelCache``, and the media library, which needs no memory (its store keeps the results). Not used
by ``HotRedis``, where opening a connection must end with the deadline of each caller's call.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flights(Generic[K, V]):
    """The running loads, one per key. Their number is not limited here: callers must limit it."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._tasks

    def begin(self, keys: Iterable[K], work: Callable[[], Coroutine[Any, Any, V]]) -> "asyncio.Task[V]":
        """Start one load for keys that have none. Await it through ``asyncio.shield``: other callers may wait for it too."""
        mine = tuple(keys)
        task: asyncio.Task[V] = asyncio.get_running_loop().create_task(self._run(mine, work))
        task.add_done_callback(lambda done: self._land(mine, done))
        for key in mine:
            self._tasks[key] = task
        return task

    def get(self, key: K) -> "asyncio.Task[V] | None":
        """The running load of this key, if any."""
        return self._tasks.get(key)

    async def join(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result of this key's load, started if none is running. A cancelled caller does not cancel it for the others."""
        return await asyncio.shield(self._tasks.get(key) or self.begin((key,), work))

    def is_current(self, key: K) -> bool:
        """Called by a load itself: whether it is still this key's load, or was discarded."""
        return self._tasks.get(key) is asyncio.current_task()

    def discard(self, key: K) -> None:
        """Present waiters still get the result; later callers start a new load."""
        self._tasks.pop(key, None)

    def clear(self) -> None:
        """``discard`` all."""
        self._tasks.clear()

    def cancel(self) -> None:
        """Cancel all running loads and their waiters."""
        for task in set(self._tasks.values()):
            task.cancel()

    async def _run(self, keys: tuple[K, ...], work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        try:
            return await work()
        finally:
            # at once, before the done callback: a caller in between must not get the old failure
            self._remove(keys, asyncio.current_task())

    def _land(self, keys: tuple[K, ...], task: "asyncio.Task[V]") -> None:
        self._remove(keys, task)  # cancelled before it started
        if not task.cancelled():
            task.exception()  # mark the error as retrieved: all callers may have been cancelled

    def _remove(self, keys: tuple[K, ...], task: "asyncio.Task[Any] | None") -> None:
        for key in keys:
            if self._tasks.get(key) is task:
                del self._tasks[key]
