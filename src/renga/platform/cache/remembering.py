"""A short memory before a store: bounded, with an age for what is there and another for what is not, one load at a time."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from renga.kernel.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The least recently used entry goes first. Forgetting also discards a load that is under way."""

    def __init__(self, clock: Clock, *, size_max: int, found_ms: int, missing_ms: int) -> None:
        self._clock = clock
        self._size_max = size_max
        self._found_ms = found_ms
        self._missing_ms = missing_ms
        self._kept: OrderedDict[K, tuple[V | None, int]] = OrderedDict()
        self._loading: dict[K, asyncio.Task[V | None]] = {}

    async def get(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """What is remembered, or what ``load`` finds; many who ask at the same time share one load."""
        known = self._kept.get(key)
        if known is not None:
            value, at_ms = known
            if 0 <= self._clock.now_ms() - at_ms < (self._missing_ms if value is None else self._found_ms):
                self._kept.move_to_end(key)
                return value
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.ensure_future(self._load(key, load))
            task.add_done_callback(_seen)
        # who goes away does not take the load of the others along
        return await asyncio.shield(task)

    def fresh(self, key: K) -> V | None:
        """What is remembered and still holds, without waiting; None asks for ``get``."""
        known = self._kept.get(key)
        if known is None or not 0 <= self._clock.now_ms() - known[1] < self._found_ms:
            return None
        self._kept.move_to_end(key)
        return known[0]

    def forget_where(self, over: Callable[[V], bool]) -> None:
        """As ``forget``, for all that this is true of; every load under way is discarded too."""
        for key in [key for key, (value, _) in self._kept.items() if value is not None and over(value)]:
            del self._kept[key]
        self._loading.clear()

    def forget(self, key: K) -> None:
        """The next to ask gets it from the store."""
        self._kept.pop(key, None)
        self._loading.pop(key, None)

    def clear(self) -> None:
        """As ``forget``, for everything."""
        self._kept.clear()
        self._loading.clear()

    def __len__(self) -> int:
        return len(self._kept)

    async def _load(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        at_ms = self._clock.now_ms()
        try:
            value = await load()
            if self._loading.get(key) is asyncio.current_task():
                self._kept[key] = (value, at_ms)
                self._kept.move_to_end(key)
                if len(self._kept) > self._size_max:
                    self._kept.popitem(last=False)
            return value
        finally:
            if self._loading.get(key) is asyncio.current_task():
                del self._loading[key]


def _seen(task: "asyncio.Task[V | None]") -> None:
    """An error whose askers have all gone away is nobody's."""
    if not task.cancelled():
        task.exception()
