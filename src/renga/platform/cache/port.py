"""The cache port: keyed values with tags, loaded once for concurrent callers, invalidated by tag."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """How long a value may be used, in milliseconds.

    ``fresh_ms``     it is used as it is
    ``stale_ms``     after that, it is used while one load renews it in the background, and while its source is unreachable
    ``absent_ms``    how long it is remembered that a value does not exist
    """

    fresh_ms: int = 10_000
    stale_ms: int = 300_000
    absent_ms: int = 2_000


class Loaded(msgspec.Struct, Generic[T], frozen=True):
    """The result of a loader: the value (None: nothing to cache) and the tags by which events invalidate it.

    ``absent``: the value does not exist, and that may be cached.
    """

    value: T | None
    tags: frozenset[str] = frozenset()
    absent: bool = False


class Cache(Protocol[T]):
    """Values of one type. Methods may be called concurrently; errors of the cache's own store are never raised."""

    def peek(self, key: str) -> T | None:
        """The value if a fresh one is in this process; no I/O."""
        ...

    async def get(self, key: str, load: Callable[[], Awaitable[Loaded[T]]]) -> T | None:
        """The value, loaded if needed, at most once per key and process at a time. Errors of ``load`` are raised, except that
        after Unavailable a stale value is returned (and counted) if there is one.

        A value that is dropped during its load is returned to its callers and not kept.
        """
        ...

    def drop(self, tags: Iterable[str]) -> None:
        """Make all values with one of these tags stale, here and in Redis. Values being loaded are not kept.

        Dropped values may still be used while their source is unreachable.
        """
        ...

    def clear(self) -> None:
        """Make all values in this process stale, because events may have been missed."""
        ...

    async def close(self) -> None:
        """Wait for running loads and writes."""
        ...
