"""Offers of the catalogue, cached in the process so that an add needs no second round trip; events drop what has changed."""

from collections.abc import Callable, Iterable

import structlog

from renga.domains.catalog.contract import OFFERS_MAX, Catalog, Offer
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.cache.remembering import Remembered
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

#: Most offers kept; the least recently used go first.
ENTRIES_MAX = 50_000
#: A known offer is fresh this long without news, and serves this long while the catalogue is away.
FRESH_MS, STALE_MS = 60_000, 3_600_000
#: A sku that the catalogue does not have is not asked for again so soon.
ABSENT_MS = 2_000


class OfferCache:
    """Adds of one sku at the same time ask the catalogue once."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._memory: Remembered[str, Offer] = Remembered(
            clock, size_max=ENTRIES_MAX, found_ms=FRESH_MS + 1, missing_ms=ABSENT_MS + 1
        )
        #: The offer if a fresh one is at hand, without asking anyone. Every add calls it: no method of ours in between.
        self.peek: Callable[[str], Offer | None] = self._memory.fresh

    async def find(self, sku: str) -> Offer | None:
        """The offer, asked for if needed; None if the catalogue has no such sku. Raises Unavailable."""
        return self.peek(sku) or (await self.find_many((sku,))).get(sku)

    async def find_many(self, skus: Iterable[str]) -> dict[str, Offer]:
        """The offers that exist. While the catalogue is away, those seen within STALE_MS serve; else raises Unavailable."""
        wanted = tuple(skus)
        try:
            return await self._memory.get_many(wanted, self._catalog.offers, batch_max=OFFERS_MAX)
        except Unavailable:
            # one that the catalogue did not have a moment ago is still no reason to refuse the others
            asked = [sku for sku in wanted if not self._memory.is_missing(sku)]
            seen = {sku: self._memory.last_seen(sku, within_ms=STALE_MS) for sku in asked}
            found = {sku: offer for sku, offer in seen.items() if offer is not None}
            if len(found) < len(seen):
                raise
            count_degraded("offers")
            log.warning("stale_offers_served", skus=len(found))
            return found

    def drop(self, skus: Iterable[str]) -> None:
        """Forget these: something about them has changed. A fetch that is under way is not kept either."""
        for sku in skus:
            self._memory.forget(sku)

    def clear(self) -> None:
        """Forget everything: news may have been missed."""
        self._memory.clear()
