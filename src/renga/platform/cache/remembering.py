"""A short memory before a store: bounded, with an age for what is there and another for what is not, one load at a time."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from renga.kernel.clock import Clock
from renga.platform.cache.flights import Flights

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The least recently used entry goes first. Forgetting also discards a load that is under way.

    ``TwoLevelCache`` is something else: it counts bytes, drops by tag, renews in the background and has a level in Redis.
    """

    def __init__(self, clock: Clock, *, size_max: int, found_ms: int, missing_ms: int) -> None:
        self._clock = clock
        self._size_max = size_max
        self._found_ms = found_ms
        self._missing_ms = missing_ms
        self._kept: OrderedDict[K, tuple[V | None, int]] = OrderedDict()
        self._loading: Flights[K, Mapping[K, V]] = Flights()

    async def get(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """What is remembered, or what ``load`` finds; many who ask at the same time share one load."""
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
        """What there is of these. ``load`` is asked for what is neither at hand nor under way, ``batch_max`` at a time."""
        found, missing = self._at_hand(keys)
        for start in range(0, len(missing), batch_max):
            batch = missing[start : start + batch_max]
            mine = [key for key in batch if key not in self._loading]
            if mine:
                self._begin(mine, load)
            # answers come from the loads themselves: what they leave here may be dropped again before we look
            loads = {key: self._loading.get(key) for key in batch}
            for key, task in loads.items():
                assert task is not None, "begun above"
                found[key] = (await asyncio.shield(task)).get(key)
        return {key: value for key, value in found.items() if value is not None}

    def fresh(self, key: K) -> V | None:
        """What is remembered and still holds, without waiting; None asks for ``get``."""
        known = self._kept.get(key)
        if known is None or not 0 <= self._clock.now_ms() - known[1] < self._found_ms:
            return None
        self._kept.move_to_end(key)
        return known[0]

    def last_seen(self, key: K, *, within_ms: int) -> V | None:
        """What is remembered though it may not hold any more, if its load began no longer ago: for when the store is away."""
        known = self._kept.get(key)
        if known is None or self._clock.now_ms() - known[1] > within_ms:
            return None
        return known[0]

    def is_missing(self, key: K) -> bool:
        """Whether it is remembered, and still holds, that there is no such thing."""
        known = self._kept.get(key)
        return known is not None and known[0] is None and 0 <= self._clock.now_ms() - known[1] < self._missing_ms

    def forget_where(self, over: Callable[[V], bool]) -> None:
        """As ``forget``, for all that this is true of; every load under way is discarded too."""
        for key in [key for key, (value, _) in self._kept.items() if value is not None and over(value)]:
            del self._kept[key]
        self._loading.clear()

    def forget(self, key: K) -> None:
        """The next to ask gets it from the store."""
        self._kept.pop(key, None)
        self._loading.discard(key)

    def clear(self) -> None:
        """As ``forget``, for everything."""
        self._kept.clear()
        self._loading.clear()

    def __len__(self) -> int:
        return len(self._kept)

    def _at_hand(self, keys: Iterable[K]) -> tuple[dict[K, V | None], list[K]]:
        """What holds of these (None: there is no such thing), and what does not."""
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

        # who goes away does not take the load of the others along
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
