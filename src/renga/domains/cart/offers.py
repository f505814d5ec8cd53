"""Offers of the catalogue, cached in the process so that an add needs no second round trip; events drop what has changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

import structlog

from renga.domains.catalog.contract import OFFERS_MAX, Catalog, Offer
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

#: Most offers kept; the least recently fetched go first.
ENTRIES_MAX = 50_000
#: A known offer is fresh this long without news, and serves this long while the catalogue is away.
FRESH_MS, STALE_MS = 60_000, 3_600_000
#: A sku that the catalogue does not have is not asked for again so soon.
ABSENT_MS = 2_000


class OfferCache:
    """Bounded, with single flight: adds of one sku at the same time ask the catalogue once."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._entries: OrderedDict[str, tuple[Offer | None, int]] = OrderedDict()
        self._flights: dict[str, asyncio.Task[dict[str, Offer]]] = {}
        self._dropped: set[str] = set()

    def peek(self, sku: str) -> Offer | None:
        """The offer if a fresh one is at hand, without asking anyone."""
        entry = self._entries.get(sku)
        if entry is None or self._clock.now_ms() - entry[1] > FRESH_MS:
            return None
        return entry[0]

    async def find(self, sku: str) -> Offer | None:
        """The offer, asked for if needed; None if the catalogue has no such sku. Raises Unavailable."""
        return self.peek(sku) or (await self.find_many((sku,))).get(sku)

    async def find_many(self, skus: Iterable[str]) -> dict[str, Offer]:
        """The offers that exist. While the catalogue is away, those seen within STALE_MS serve; else raises Unavailable."""
        now = self._clock.now_ms()
        known = {sku: self._entries.get(sku) for sku in skus}
        missing = [sku for sku, entry in known.items() if not _at_hand(entry, now)]
        found = {sku: entry[0] for sku, entry in known.items() if entry is not None}
        try:
            for start in range(0, len(missing), OFFERS_MAX):
                found |= await self._fetch(missing[start : start + OFFERS_MAX])
        except Unavailable:
            if not all(_serves_stale(known[sku], now) for sku in missing):
                raise
            count_degraded("offers")
            log.warning("stale_offers_served", skus=len(missing))
        return {sku: offer for sku, offer in found.items() if offer is not None}

    def drop(self, skus: Iterable[str]) -> None:
        """Forget these: something about them has changed. A fetch that is under way is not kept either."""
        for sku in skus:
            self._entries.pop(sku, None)
            if sku in self._flights:
                self._dropped.add(sku)

    def clear(self) -> None:
        """Forget everything: news may have been missed."""
        self.drop([*self._entries, *self._flights])

    async def _fetch(self, skus: list[str]) -> dict[str, Offer | None]:
        """What the catalogue says of these, by the flights themselves: the cache may drop it again before we look."""
        mine = [sku for sku in skus if sku not in self._flights]
        if mine:
            self._flights |= dict.fromkeys(mine, asyncio.create_task(self._ask(mine)))
        flights = {sku: self._flights[sku] for sku in skus}
        return {sku: (await asyncio.shield(flight)).get(sku) for sku, flight in flights.items()}

    async def _ask(self, skus: list[str]) -> dict[str, Offer]:
        """Ask, and keep the answer before the flight ends."""
        try:
            offers = await self._catalog.offers(skus)
        finally:
            for sku in skus:
                self._flights.pop(sku, None)
            dropped = self._dropped.intersection(skus)
            self._dropped -= dropped
        now = self._clock.now_ms()
        for sku in skus:
            # an offer that changed while it was fetched serves this once, and is asked for again by the next
            self._entries[sku] = (offers.get(sku), now if sku not in dropped else now - FRESH_MS)
            self._entries.move_to_end(sku)
        while len(self._entries) > ENTRIES_MAX:
            self._entries.popitem(last=False)
        return offers


def _at_hand(entry: tuple[Offer | None, int] | None, now: int) -> bool:
    return entry is not None and now - entry[1] <= (ABSENT_MS if entry[0] is None else FRESH_MS)


def _serves_stale(entry: tuple[Offer | None, int] | None, now: int) -> bool:
    return entry is not None and entry[0] is not None and now - entry[1] <= STALE_MS
