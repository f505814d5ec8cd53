"""Cached verified facts of callers: no request waits for the database twice or for long, events invalidate them."""

from collections.abc import Awaitable, Callable, Iterable

import structlog

from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import canonical_uuid
from renga.platform.cache.hurried import HurriedReads
from renga.platform.cache.remembering import Remembered
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

#: Number of accounts kept; the least recently used are evicted first.
ENTRIES_MAX = 50_000
#: How long facts are fresh without an event, and how long old ones are served while the store is unavailable.
FRESH_MS, STALE_MS = 60_000, 3_600_000


class CachedBuyerFacts:
    """Implements ``contract.CallerFacts``. Concurrent reads of one account share one load."""

    def __init__(self, load: Callable[[str], Awaitable[VerifiedFacts]], clock: Clock) -> None:
        self._load = load
        self._hurried = HurriedReads(clock)
        self._memory: Remembered[str, VerifiedFacts] = Remembered(
            clock, size_max=ENTRIES_MAX, found_ms=FRESH_MS, missing_ms=0
        )

    def known(self, caller: Caller) -> VerifiedFacts | None:
        account_id = _account_of(caller)
        return NOTHING_VERIFIED if account_id is None else self._memory.fresh(account_id)

    async def facts(self, caller: Caller) -> VerifiedFacts:
        account_id = _account_of(caller)
        if account_id is None:
            return NOTHING_VERIFIED
        found = await self._hurried.read(lambda: self._memory.get(account_id, lambda: self._load(account_id)))
        if found is not None:
            return found
        seen = self._memory.last_seen(account_id, within_ms=STALE_MS)
        if seen is None:
            raise Unavailable("the facts of buyers cannot be read now")
        count_degraded("buyer_facts")
        log.warning("stale_buyer_facts_served")
        return seen

    def drop(self, account_ids: Iterable[str]) -> None:
        """Their facts have changed; the result of a running load is not cached either."""
        for account_id in account_ids:
            self._memory.forget(account_id)

    def clear(self) -> None:
        """Drop everything: news may have been missed."""
        self._memory.clear()


def _account_of(caller: Caller) -> str | None:
    """A guest and a program have no account."""
    return None if caller.subject is None or caller.program else canonical_uuid(caller.subject)
