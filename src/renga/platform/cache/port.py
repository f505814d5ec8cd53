"""A cache as its users see it: keyed values with tags, loaded once however many ask, dropped by tag when news comes."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """How long a value serves, in milliseconds.

    ``fresh_ms``     it serves without a question
    ``stale_ms``     after that, it serves while one caller loads it anew in the background, and while its source is away
    ``absent_ms``    how long it is remembered that there is no such thing
    """

    fresh_ms: int = 10_000
    stale_ms: int = 300_000
    absent_ms: int = 2_000


class Loaded(msgspec.Struct, Generic[T], frozen=True):
    """What a loader found: the value (None: nothing that may be kept) and the tags under which news may drop it.

    ``absent``: there is no such thing, and that may be remembered.
    """

    value: T | None
    tags: frozenset[str] = frozenset()
    absent: bool = False


class Cache(Protocol[T]):
    """Values of one kind. All methods may be called at once from many tasks; nothing raises for the cache's own troubles."""

    def peek(self, key: str) -> T | None:
        """The value if a fresh one is in this process, without asking anyone."""
        ...

    async def get(self, key: str, load: Callable[[], Awaitable[Loaded[T]]]) -> T | None:
        """The value, loaded if needed: once per key and process at a time. What ``load`` raises is raised, unless a stale value
        is at hand and the error is Unavailable: then that serves, counted.

        A value that was dropped while it was loaded is given to those who wait and not kept.
        """
        ...

    def drop(self, tags: Iterable[str]) -> None:
        """Forget all that carries one of these tags, here and in the level behind. Values that are loading are not kept either.

        What is forgotten still serves while its source is away.
        """
        ...

    def clear(self) -> None:
        """Forget everything that this process has: news may have been missed."""
        ...

    async def close(self) -> None:
        """Let what is under way come to its end."""
        ...
