"""A cache of what can be sold of each sku, so that an add needs no second round trip; events of the inventory invalidate it.

It is a courtesy to the buyer, not a promise: the reservation at the checkout decides.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from renga.domains.cart.ports import Sellable, StockLevels
from renga.kernel.clock import Clock
from renga.platform.cache.hurried import HurriedReads
from renga.platform.cache.remembering import Remembered
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

#: Number of skus kept; the least recently used are evicted first.
ENTRIES_MAX = 50_000
#: How long an answer is used if no event comes.
FRESH_MS = 30_000
#: How long it is used while the inventory does not answer.
STALE_MS = 600_000
#: Skus per question.
BATCH_MAX = 500

#: Not counted: the catalogue's declared availability decides.
NOT_COUNTED = Sellable(counted=False)


class StockCache:
    """Concurrent questions about one sku are asked once. Without ``levels`` (no inventory runs here) nothing is counted."""

    def __init__(self, levels: StockLevels | None, clock: Clock) -> None:
        self._levels = levels
        #: Whether there is an inventory to ask.
        self.counts = levels is not None
        self._memory: Remembered[str, Sellable] = Remembered(
            clock, size_max=ENTRIES_MAX, found_ms=FRESH_MS, missing_ms=FRESH_MS
        )
        self._hurried = HurriedReads(clock)
        #: The known bundles of each part.
        self._bundles: dict[str, set[str]] = {}
        #: What can be sold, if it is cached and fresh. On the hot path of every add.
        self.peek: Callable[[str], Sellable | None] = self._memory.fresh if levels is not None else _uncounted

    async def find_many(self, skus: Iterable[str]) -> Mapping[str, Sellable]:
        """What can be sold of each sku. While the inventory is unavailable or hangs: as last seen, else everything can."""
        wanted = tuple(skus)
        if self._levels is None:
            return dict.fromkeys(wanted, NOT_COUNTED)
        found = await self._hurried.read(lambda: self._memory.get_many(wanted, self._ask, batch_max=BATCH_MAX))
        if found is not None:
            return found
        count_degraded("stock")
        log.warning("stock_not_asked", skus=len(wanted))
        return {sku: self._memory.last_seen(sku, within_ms=STALE_MS) or NOT_COUNTED for sku in wanted}

    async def find(self, sku: str) -> Sellable:
        """As ``find_many``, for one sku."""
        return self.peek(sku) or (await self.find_many((sku,)))[sku]

    def know_bundle(self, bundle: str, parts: Iterable[str]) -> None:
        """From now on news of a part are news of the bundle too."""
        if len(self._bundles) > ENTRIES_MAX:
            self._bundles.clear()
            self._memory.clear()
        for part in parts:
            self._bundles.setdefault(part, set()).add(bundle)

    def drop(self, skus: Iterable[str]) -> None:
        """Remove these, and bundles of them, from the cache. The result of a running question is not cached either."""
        for sku in skus:
            self._memory.forget(sku)
            for bundle in self._bundles.get(sku, ()):
                self._memory.forget(bundle)

    def clear(self) -> None:
        """Empty the cache: events may have been missed."""
        self._memory.clear()

    async def _ask(self, skus: Sequence[str]) -> Mapping[str, Sellable]:
        assert self._levels is not None
        counted = await self._levels.sellable(skus)
        return {sku: counted.get(sku, NOT_COUNTED) for sku in skus}


def _uncounted(_sku: str) -> Sellable:
    return NOT_COUNTED
