"""The cache that is used: a level in the process, one in Redis behind it, one load at a time for each key."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

import structlog

from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.cache.memory import Entry, Memory
from renga.platform.cache.metrics import DROPS, HITS, MISSES, STALE
from renga.platform.cache.port import Life, Loaded
from renga.platform.cache.shared import SharedLevel

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Loads in the background at once, at the most; beyond, the stale value serves and nobody loads it anew.
REFRESHES_MAX = 64

Load = Callable[[], Awaitable[Loaded[T]]]


class TwoLevelCache(Generic[T]):
    """Implements ``Cache``. Without ``shared`` it has one level. ``size_of`` says how many bytes a value takes."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        life: Life,
        *,
        entries_max: int,
        bytes_max: int,
        size_of: Callable[[T], int],
        shared: SharedLevel[T] | None = None,
    ) -> None:
        self._name, self._clock, self._life = name, clock, life
        self._size_of = size_of
        self._shared = shared
        self.memory: Memory[T] = Memory(entries_max=entries_max, bytes_max=bytes_max)
        self._flights: dict[str, asyncio.Task[T | None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._hits = {level: HITS.labels(name, level) for level in ("process", "shared")}
        self._misses, self._stale, self._drops = MISSES.labels(name), STALE.labels(name), DROPS.labels(name)

    def peek(self, key: str) -> T | None:
        entry = self.memory.get(key)
        if entry is None or entry.fresh_until_ms <= self._clock.now_ms():
            return None
        self._hits["process"].inc()
        return entry.value

    async def get(self, key: str, load: Load[T]) -> T | None:
        now = self._clock.now_ms()
        entry = self.memory.get(key)
        if entry is not None and entry.fresh_until_ms > now:
            self._hits["process"].inc()
            return entry.value
        aged = entry is not None and 0 < entry.fresh_until_ms <= now < entry.useful_until_ms
        if aged and entry is not None and len(self._tasks) < REFRESHES_MAX:
            self._stale.inc()
            self._flight(key, load)  # nobody waits for it
            return entry.value
        try:
            return await asyncio.shield(self._flight(key, load))
        except Unavailable as error:
            left = self.memory.get(key)
            if left is None or left.useful_until_ms <= self._clock.now_ms():
                raise
            self._stale.inc()
            log.warning("stale_value_served", cache=self._name, code=error.code)
            return left.value

    def drop(self, tags: Iterable[str]) -> None:
        dropped = list(tags)
        self._drops.inc(self.memory.drop(dropped))
        if self._shared is not None:
            self._begin(self._shared.drop(dropped, self._clock.now_ms()))

    def clear(self) -> None:
        self.memory.clear()

    async def close(self) -> None:
        """Let what is under way come to its end."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _flight(self, key: str, load: Load[T]) -> "asyncio.Task[T | None]":
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = self._begin(self._find(key, load))
            flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    def _land(self, key: str, done: "asyncio.Task[T | None]") -> None:
        self._flights.pop(key, None)
        # a refresh that nobody waits for may fail: the next caller tries again
        if not done.cancelled() and (error := done.exception()) is not None:
            log.debug("load_failed", cache=self._name, error=str(error))

    async def _find(self, key: str, load: Load[T]) -> T | None:
        since, begun = self.memory.drops, self._clock.now_ms()
        found = None if self._shared is None else await self._shared.get(key)
        if found is not None and begun - found[2] < self._life.fresh_ms:
            self._hits["shared"].inc()
            value, tags, loaded_ms = found
            self._keep(key, value, tags, since, loaded_ms)
            return value
        self._misses.inc()
        loaded = await load()
        if loaded.value is not None and self._keep(key, loaded.value, loaded.tags, since, begun) and self._shared:
            self._begin(self._shared.put(key, loaded.value, loaded.tags, begun))
        return loaded.value

    def _keep(self, key: str, value: T, tags: frozenset[str], since: int, begun_ms: int) -> bool:
        if not self.memory.may_keep(tags, since):
            return False
        fresh_until = begun_ms + self._life.fresh_ms
        entry = Entry(value, tags, self._size_of(value), fresh_until, fresh_until + self._life.stale_ms)
        self.memory.put(key, entry)
        return True

    def _begin(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
