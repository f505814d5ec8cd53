"""A small bounded cache before a store, with different times to live for found and missing values, and single flight."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from renga.kernel.clock import Clock
from renga.platform.cache.flights import Flights

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """An LRU cache. Forgetting a key also discards its running load.

    ``TwoLevelCache`` in contrast is bounded in bytes, drops by tag, renews in the background and has a level in Redis.
    """

    def __init__(self, clock: Clock, *, size_max: int, found_ms: int, missing_ms: int) -> None:
        self._clock = clock
        self._size_max = size_max
        self._found_ms = found_ms
        self._missing_ms = missing_ms
        self._kept: OrderedDict[K, tuple[V | None, int]] = OrderedDict()
        self._loading: Flights[K, Mapping[K, V]] = Flights()

    async def get(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """The cached value, or the result of ``load``; concurrent callers share one load."""
        known = self._kept.get(key)
        if known is not None:
            value, at_ms = known
            if 0 <= self._clock.now_ms() - at_ms < (self._missing_ms if value is None else self._found_ms):
                self._kept.move_to_end(key)
                return value
        return await self._load_one(key, load)

    async def get_many(
        self, keys: Iterable[K], load: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, batch_max: int
    ) -> dict[K, V]:
        """The existing values of these keys. ``load`` gets keys that are neither cached nor loading, ``batch_max`` at a time."""
        found, missing = self._at_hand(keys)
        for start in range(0, len(missing), batch_max):
            batch = missing[start : start + batch_max]
            mine = [key for key in batch if key not in self._loading]
            if mine:
                self._begin(mine, load)
            # take the results of the loads, not the cache: entries may be dropped before we read them
            loads = {key: self._loading.get(key) for key in batch}
            for key, task in loads.items():
                assert task is not None, "begun above"
                found[key] = (await asyncio.shield(task)).get(key)
        return {key: value for key, value in found.items() if value is not None}

    def fresh(self, key: K) -> V | None:
        """The cached value if it has not expired, without waiting; None: call ``get``."""
        known = self._kept.get(key)
        if known is None or not 0 <= self._clock.now_ms() - known[1] < self._found_ms:
            return None
        self._kept.move_to_end(key)
        return known[0]

    def last_seen(self, key: K, *, within_ms: int) -> V | None:
        """The cached value, even expired, if its load began within ``within_ms``: for use while the store is unreachable."""
        known = self._kept.get(key)
        if known is None or self._clock.now_ms() - known[1] > within_ms:
            return None
        return known[0]

    def is_missing(self, key: K) -> bool:
        """Whether the key is cached as missing and that has not expired."""
        known = self._kept.get(key)
        return known is not None and known[0] is None and 0 <= self._clock.now_ms() - known[1] < self._missing_ms

    def forget_where(self, over: Callable[[V], bool]) -> None:
        """``forget`` all entries for which ``over`` is true; discards every running load."""
        for key in [key for key, (value, _) in self._kept.items() if value is not None and over(value)]:
            del self._kept[key]
        self._loading.clear()

    def forget(self, key: K) -> None:
        """Remove a key: the next caller loads it from the store."""
        self._kept.pop(key, None)
        self._loading.discard(key)

    def clear(self) -> None:
        """``forget`` everything."""
        self._kept.clear()
        self._loading.clear()

    def __len__(self) -> int:
        return len(self._kept)

    def _at_hand(self, keys: Iterable[K]) -> tuple[dict[K, V | None], list[K]]:
        """The unexpired entries of these keys (None: missing), and the keys without one."""
        now, kept = self._clock.now_ms(), self._kept
        found: dict[K, V | None] = {}
        missing: dict[K, None] = {}
        for key in keys:
            known = kept.get(key)
            if known is not None and 0 <= now - known[1] < (self._missing_ms if known[0] is None else self._found_ms):
                kept.move_to_end(key)
                found[key] = known[0]
            else:
                missing[key] = None
        return found, list(missing)

    async def _load_one(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        async def load_it() -> dict[K, V]:
            value = await load()
            return {} if value is None else {key: value}

        # a cancelled caller does not cancel the load for the others
        return (await self._loading.join(key, lambda: self._load((key,), load_it))).get(key)

    def _begin(self, keys: Sequence[K], load: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._loading.begin(keys, lambda: self._load(keys, lambda: load(keys)))

    async def _load(self, keys: Sequence[K], load: Callable[[], Awaitable[Mapping[K, V]]]) -> Mapping[K, V]:
        at_ms = self._clock.now_ms()
        found = await load()
        for key in keys:
            if self._loading.is_current(key):
                self._kept[key] = (found.get(key), at_ms)
                self._kept.move_to_end(key)
        while len(self._kept) > self._size_max:
            self._kept.popitem(last=False)
        return found
