"""A cache of the catalogue's offers in this process, so that an add needs no second round trip; events invalidate it."""

from collections.abc import Callable, Iterable, Sequence

import structlog

from renga.domains.catalog.contract import OFFERS_MAX, Catalog, Offer, offers_without_costs
from renga.kernel.clock import Clock
from renga.platform.cache.hurried import HurriedReads
from renga.platform.cache.remembering import Remembered
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

#: Number of offers kept; the least recently used are evicted first.
ENTRIES_MAX = 50_000
#: How long an offer is fresh, and how long a stale one is served while the catalogue is unavailable.
FRESH_MS, STALE_MS = 60_000, 3_600_000
#: How long "no such sku" is cached.
ABSENT_MS = 2_000


class OfferCache:
    """Concurrent reads of one sku send one request to the catalogue."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._hurried = HurriedReads(clock)
        self._memory: Remembered[str, Offer] = Remembered(
            clock, size_max=ENTRIES_MAX, found_ms=FRESH_MS + 1, missing_ms=ABSENT_MS + 1
        )
        #: The offer if it is cached and fresh. On the hot path of every add, so it is the cache's bound method itself.
        self.peek: Callable[[str], Offer | None] = self._memory.fresh

    async def find(self, sku: str) -> Offer | None:
        """The offer, fetched if needed; None if the catalogue has no such sku. Raises Unavailable."""
        return self.peek(sku) or (await self.find_many((sku,))).get(sku)

    async def find_many(self, skus: Iterable[str]) -> dict[str, Offer]:
        """The offers that exist. While the catalogue is unavailable or hangs, serves offers up to STALE_MS old, or raises
        Unavailable.
        """
        wanted = tuple(skus)

        async def load() -> dict[str, Offer]:
            return await self._memory.get_many(wanted, self._ask, batch_max=OFFERS_MAX)

        seen = self._seen(wanted)
        if seen is None:
            return await load()
        found = await self._hurried.read(load)
        if found is not None:
            return found
        count_degraded("offers")
        log.warning("stale_offers_served", skus=len(seen))
        return seen

    def _seen(self, wanted: Sequence[str]) -> dict[str, Offer] | None:
        """The offers as they were seen last; None if one of them was not."""
        # skus that are known to be missing must not make the others fail
        asked = [sku for sku in wanted if not self._memory.is_missing(sku)]
        seen = {sku: self._memory.last_seen(sku, within_ms=STALE_MS) for sku in asked}
        found = {sku: offer for sku, offer in seen.items() if offer is not None}
        return found if len(found) == len(seen) else None

    async def _ask(self, skus: Sequence[str]) -> dict[str, Offer]:
        return offers_without_costs(await self._catalog.offers(skus))

    def drop(self, skus: Iterable[str]) -> None:
        """Remove these from the cache: they have changed. The result of a running fetch is not cached either."""
        for sku in skus:
            self._memory.forget(sku)

    def clear(self) -> None:
        """Empty the cache: events may have been missed."""
        self._memory.clear()
