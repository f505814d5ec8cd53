"""A value that is made of cached values is as old as the oldest of them: who loads one hears of the age of what it used.

Without this an answer made of an old product would count as new, and an old price could outlive two caches one after the other.
"""

from contextvars import ContextVar, Token


class Used:
    """What one load has used of caches: when the oldest of it was loaded, and whether it served only for want of better."""

    __slots__ = ("is_stale", "oldest_ms")

    def __init__(self, begun_ms: int) -> None:
        self.oldest_ms = begun_ms
        self.is_stale = False


_used: ContextVar[Used | None] = ContextVar("renga_cache_used", default=None)


def watch(used: Used) -> Token[Used | None]:
    """From now on, in this task and those that it begins, ``used`` hears of what is used."""
    return _used.set(used)


def tell(begun_ms: int, *, stale: bool = False) -> None:
    """A value whose load began then is given to whoever loads something of it."""
    used = _used.get()
    if used is not None:
        if begun_ms < used.oldest_ms:
            used.oldest_ms = begun_ms
        if stale:
            used.is_stale = True
