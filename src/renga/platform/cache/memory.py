"""The level in the process: an LRU cache bounded in entries and bytes, with invalidation by tag."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

#: Most tags whose last drop is remembered, so that a value loaded during the drop is not kept.
DROPPED_MAX = 50_000


class CacheEntry(Generic[T]):
    """A value (None: it does not exist), when its load began, until when it is fresh, until when it may be used stale."""

    __slots__ = ("begun_ms", "fresh_until_ms", "size", "tags", "useful_until_ms", "value")

    def __init__(
        self, value: T | None, tags: frozenset[str], size: int, begun_ms: int, fresh_until_ms: int, useful_until_ms: int
    ) -> None:
        self.value = value
        self.tags = tags
        self.size = size
        self.begun_ms = begun_ms
        self.fresh_until_ms = fresh_until_ms
        self.useful_until_ms = useful_until_ms


class Memory(Generic[T]):
    """No clock and no I/O: callers pass the time."""

    def __init__(self, *, entries_max: int, bytes_max: int) -> None:
        self._entries_max, self._bytes_max = entries_max, bytes_max
        self._entries: OrderedDict[str, CacheEntry[T]] = OrderedDict()
        self._by_tag: dict[str, set[str]] = {}
        self._dropped: OrderedDict[str, int] = OrderedDict()
        self._floor = 0
        #: Grows with each drop; see ``may_keep``.
        self.drops = 0
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> CacheEntry[T] | None:
        """The entry, fresh or not; marks it as just used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: str, entry: CacheEntry[T]) -> None:
        self.forget(key)
        if entry.size > self._bytes_max:
            return
        self._entries[key] = entry
        self.bytes += entry.size
        for tag in entry.tags:
            self._by_tag.setdefault(tag, set()).add(key)
        while len(self._entries) > self._entries_max or self.bytes > self._bytes_max:
            self.forget(next(iter(self._entries)))

    def forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.bytes -= entry.size
        for tag in entry.tags:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]

    def drop(self, tags: Iterable[str]) -> int:
        """Make every value with one of these tags stale; returns how many."""
        self.drops += 1
        count = 0
        for tag in tags:
            self._dropped[tag] = self.drops
            self._dropped.move_to_end(tag)
            for key in self._by_tag.get(tag, ()):
                entry = self._entries[key]
                count += entry.fresh_until_ms > 0
                entry.fresh_until_ms = 0
        while len(self._dropped) > DROPPED_MAX:
            self._floor = max(self._floor, self._dropped.popitem(last=False)[1])
        return count

    def may_keep(self, tags: Iterable[str], since: int) -> bool:
        """Whether none of these tags was dropped since ``drops`` had the value ``since``."""
        return since >= self._floor and all(self._dropped.get(tag, 0) <= since for tag in tags)

    def clear(self) -> None:
        """Make every value stale."""
        self.drops += 1
        self._floor = self.drops
        for entry in self._entries.values():
            entry.fresh_until_ms = 0
