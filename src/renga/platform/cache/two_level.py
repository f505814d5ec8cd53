"""The cache of modules: a level in the process, a second one in Redis, and single flight."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import structlog

from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.cache.age import Used, record_in, record_use
from renga.platform.cache.flights import Flights
from renga.platform.cache.memory import CacheEntry, Memory
from renga.platform.cache.metrics import BYTES, DROPS, ENTRIES, HITS, LOADS, MISSES, STALE
from renga.platform.cache.port import Life, Loaded
from renga.platform.cache.shared import SharedLevel, SharedValue
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Most concurrent background loads; beyond it a stale value is used without renewal.
REFRESHES_MAX = 64
#: A dropped value is still used if its source takes longer than this, or was unreachable within this time.
SLOW_LOAD_S = 0.5
AWAY_MS = 1_000
#: Bytes of an entry for a missing value.
ABSENT_BYTES = 100

Load = Callable[[], Awaitable[Loaded[T]]]


class _LoadResult(NamedTuple):
    """The result of a load: a value, when its load began, whether it is stale because its source is unreachable."""

    value: Any
    begun_ms: int
    is_stale: bool = False


class TwoLevelCache(Generic[T]):
    """Implements ``Cache``. Without ``shared`` it has one level. ``size_of`` gives a value's bytes.

    Unlike ``Remembered`` (bounded by count, forgets by key at once), it is bounded in bytes and drops by tag; dropped values are
    kept for outages of the source, and stale values are renewed in the background.

    ``source`` labels the count of stale values used while their source is unreachable; empty: not counted here.
    """

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
        source: str = "",
    ) -> None:
        self._source = source
        self._name, self._clock, self._life = name, clock, life
        self._size_of = size_of
        self._shared = shared
        self.memory: Memory[T] = Memory(entries_max=entries_max, bytes_max=bytes_max)
        self._flights: Flights[str, _LoadResult] = Flights()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._away_until_ms = 0
        self._hits = {level: HITS.labels(name, level) for level in ("process", "shared")}
        self._misses, self._loads = MISSES.labels(name), LOADS.labels(name)
        self._stale, self._drops = STALE.labels(name), DROPS.labels(name)
        BYTES.labels(name).set_function(lambda: self.memory.bytes)
        ENTRIES.labels(name).set_function(lambda: len(self.memory))

    def peek(self, key: str) -> T | None:
        entry = self.memory.get(key)
        if entry is None or entry.fresh_until_ms <= self._clock.now_ms():
            return None
        return self._hit(entry)

    async def get(self, key: str, load: Load[T]) -> T | None:
        now = self._clock.now_ms()
        entry = self.memory.get(key)
        if entry is not None and entry.fresh_until_ms > now:
            return self._hit(entry)
        aged = entry is not None and 0 < entry.fresh_until_ms <= now < entry.useful_until_ms
        if aged and entry is not None and len(self._tasks) < REFRESHES_MAX:
            if now < self._away_until_ms:
                self._count_old()
            else:
                self._stale.inc()
            self._flight(key, load)  # no caller waits for it
            record_use(entry.begun_ms)
            return entry.value
        if entry is not None and entry.value is not None and now < entry.useful_until_ms:
            given = await self._load_or_old(entry, key, load)
        else:
            given = await asyncio.shield(self._flight(key, load))
        record_use(given.begun_ms, stale=given.is_stale)
        value: T | None = given.value
        return value

    async def _load_or_old(self, entry: CacheEntry[T], key: str, load: Load[T]) -> _LoadResult:
        """The loaded value; the old value if the load is slow, or at once if the source was unreachable very recently."""
        if self._clock.now_ms() >= self._away_until_ms:
            try:
                return await asyncio.wait_for(asyncio.shield(self._flight(key, load)), SLOW_LOAD_S)
            except TimeoutError:
                self._away_until_ms = self._clock.now_ms() + AWAY_MS
        self._count_old()
        return _LoadResult(entry.value, entry.begun_ms, True)

    def _count_old(self) -> None:
        self._stale.inc()
        if self._source:
            count_degraded(self._source)

    def drop(self, tags: Iterable[str]) -> None:
        dropped = list(tags)
        self._drops.inc(self.memory.drop(dropped))
        if self._shared is not None:
            self._begin(self._shared.drop(dropped, self._clock.now_ms()))

    def clear(self) -> None:
        self.memory.clear()

    async def close(self) -> None:
        """Wait for running loads and writes."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _hit(self, entry: CacheEntry[T]) -> T | None:
        self._hits["process"].inc()
        record_use(entry.begun_ms)
        return entry.value

    def _flight(self, key: str, load: Load[T]) -> "asyncio.Task[_LoadResult]":
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights.begin((key,), lambda: self._find(key, load))
            self._until_done(flight)
            flight.add_done_callback(self._land)
        return flight

    def _land(self, done: "asyncio.Task[_LoadResult]") -> None:
        # a background refresh may fail: the next caller tries again
        if not done.cancelled() and (error := done.exception()) is not None:
            log.debug("load_failed", cache=self._name, error=str(error))

    async def _find(self, key: str, load: Load[T]) -> _LoadResult:
        since, now = self.memory.drops, self._clock.now_ms()
        found = None if self._shared is None else await self._shared.get(key)
        self._misses.inc()
        leased = False
        if self._shared is not None and not self._is_fresh(found, now):
            leased, found = await self._shared.claim(key, found, lambda one: self._is_fresh(one, now))
        try:
            if found is not None and self._is_fresh(found, now):
                self._hits["shared"].inc()
                self._keep(key, found.value, found.tags, since, found.begun_ms)
                return _LoadResult(found.value, found.begun_ms)
            try:
                return await self._load(key, load)
            except Unavailable as error:
                return self._old(key, found, error)
        finally:
            if leased and self._shared is not None:
                self._begin(self._shared.release(key))

    async def _load(self, key: str, load: Load[T]) -> _LoadResult:
        # a drop from here on makes the loaded value invalid
        since, used = self.memory.drops, Used(self._clock.now_ms())
        self._loads.inc()
        record_in(used)
        loaded = await load()
        if used.is_stale:
            return _LoadResult(loaded.value, used.oldest_ms, True)
        if loaded.value is None:
            if loaded.absent and self.memory.may_keep(loaded.tags, since):
                until = used.oldest_ms + self._life.absent_ms
                self.memory.put(key, CacheEntry(None, loaded.tags, ABSENT_BYTES, used.oldest_ms, until, until))
        elif self._keep(key, loaded.value, loaded.tags, since, used.oldest_ms) and self._shared is not None:
            self._begin(self._shared.put(key, loaded.value, loaded.tags, used.oldest_ms))
        return _LoadResult(loaded.value, used.oldest_ms)

    def _old(self, key: str, found: SharedValue[T] | None, error: Unavailable) -> _LoadResult:
        """The last value here or in Redis, for use while the source is unreachable. Raises ``error`` if there is none."""
        now = self._clock.now_ms()
        left = self.memory.get(key)
        if left is not None and left.value is not None and now < left.useful_until_ms:
            given = _LoadResult(left.value, left.begun_ms, True)
        elif found is not None and now < found.begun_ms + self._life.fresh_ms + self._life.stale_ms:
            given = _LoadResult(found.value, found.begun_ms, True)
        else:
            raise error
        self._away_until_ms = now + AWAY_MS
        self._count_old()
        log.warning("stale_value_served", cache=self._name, code=error.code)
        return given

    def _is_fresh(self, found: SharedValue[T] | None, now_ms: int) -> bool:
        return found is not None and now_ms - found.begun_ms < self._life.fresh_ms

    def _keep(self, key: str, value: T, tags: frozenset[str], since: int, begun_ms: int) -> bool:
        if not self.memory.may_keep(tags, since):
            return False
        fresh_until = begun_ms + self._life.fresh_ms
        useful_until = fresh_until + self._life.stale_ms
        self.memory.put(key, CacheEntry(value, tags, self._size_of(value), begun_ms, fresh_until, useful_until))
        return True

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        self._until_done(asyncio.get_running_loop().create_task(work))

    def _until_done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
