"""The age of a value made from cached values is that of the oldest of them; this records what each load has used.

Otherwise an answer made from an old product would count as fresh, and an old price could pass through two caches in turn.
"""

from contextvars import ContextVar, Token


class Used:
    """The cached values used by one load: the load time of the oldest, and whether any was stale."""

    __slots__ = ("is_stale", "oldest_ms")

    def __init__(self, begun_ms: int) -> None:
        self.oldest_ms = begun_ms
        self.is_stale = False


_used: ContextVar[Used | None] = ContextVar("renga_cache_used", default=None)


def record_in(used: Used) -> Token[Used | None]:
    """From now on, record cached values used in this task and in tasks that it starts in ``used``."""
    return _used.set(used)


def record_use(begun_ms: int, *, stale: bool = False) -> None:
    """Record the use of a value whose load began at ``begun_ms``."""
    used = _used.get()
    if used is not None:
        if begun_ms < used.oldest_ms:
            used.oldest_ms = begun_ms
        if stale:
            used.is_stale = True
