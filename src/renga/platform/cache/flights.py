"""Single flight: one load for a key at a time; who asks while it is under way waits for it.

``Remembered`` and ``TwoLevelCache`` stand on it, and whoever has single flight without a memory of its own (the media library:
what it makes is kept by the store). Apart stays ``HotRedis``, whose openings must end with the deadline of each caller's call.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flights(Generic[K, V]):
    """The loads under way. As many as there are different keys being asked for: who asks bounds that."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._tasks

    def begin(self, keys: Iterable[K], work: Callable[[], Coroutine[Any, Any, V]]) -> "asyncio.Task[V]":
        """Start one load for keys that have none. Await it through ``asyncio.shield``: others may wait for it as well."""
        mine = tuple(keys)
        task: asyncio.Task[V] = asyncio.get_running_loop().create_task(self._run(mine, work))
        task.add_done_callback(lambda done: self._land(mine, done))
        for key in mine:
            self._tasks[key] = task
        return task

    def get(self, key: K) -> "asyncio.Task[V] | None":
        """The load of this key, if one is under way."""
        return self._tasks.get(key)

    async def join(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """What the load of this key brings, begun if none is under way. Who goes away does not take it from the others."""
        return await asyncio.shield(self._tasks.get(key) or self.begin((key,), work))

    def is_current(self, key: K) -> bool:
        """Asked from within a load: is it still the one of this key, or was it discarded?"""
        return self._tasks.get(key) is asyncio.current_task()

    def discard(self, key: K) -> None:
        """Who waits gets what comes; who asks from now on begins a new load."""
        self._tasks.pop(key, None)

    def clear(self) -> None:
        """As ``discard``, for all."""
        self._tasks.clear()

    def cancel(self) -> None:
        """End what is under way; who waits is cancelled."""
        for task in set(self._tasks.values()):
            task.cancel()

    async def _run(self, keys: tuple[K, ...], work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        try:
            return await work()
        finally:
            # at once and not only when it lands: who asks in between must not get a failure that is over
            self._remove(keys, asyncio.current_task())

    def _land(self, keys: tuple[K, ...], task: "asyncio.Task[V]") -> None:
        self._remove(keys, task)  # one that was cancelled before it began
        if not task.cancelled():
            task.exception()  # an error whose askers have all gone away is nobody's

    def _remove(self, keys: tuple[K, ...], task: "asyncio.Task[Any] | None") -> None:
        for key in keys:
            if self._tasks.get(key) is task:
                del self._tasks[key]
