"""A short cache of the catalogue's categories, product types and members of collections."""

from functools import partial
from typing import Any

from renga.domains.catalog.contract import PAGE_MAX, Catalog, CollectionNotFound
from renga.domains.search.limits import COLLECTION_MAX, TAXONOMY_KEPT_MS
from renga.domains.search.model.document import TaxonomyTexts
from renga.kernel.clock import Clock
from renga.platform.cache.remembering import Remembered

_COLLECTIONS_KEPT_MAX = 200


class TaxonomyReader:
    """Reads each item from the catalogue at most once in TAXONOMY_KEPT_MS, unless an event invalidates it."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._taxonomy: Remembered[None, TaxonomyTexts] = _memory(clock, 1)
        self._members: Remembered[tuple[str, str], tuple[str, ...]] = _memory(clock, _COLLECTIONS_KEPT_MAX)

    def drop(self) -> None:
        """Empty the cache, on an event."""
        self._taxonomy.clear()
        self._members.clear()

    async def taxonomy(self) -> TaxonomyTexts:
        """Raises Unavailable."""
        found = await self._taxonomy.get(None, self._make)
        assert found is not None
        return found

    async def members(self, collection: str, channel: str) -> tuple[str, ...]:
        """Slugs of its first COLLECTION_MAX products; none if the collection does not exist."""
        return await self._members.get((collection, channel), partial(self._read, collection, channel)) or ()

    async def _make(self) -> TaxonomyTexts:
        return TaxonomyTexts.of(await self._catalog.categories(), await self._catalog.product_types())

    async def _read(self, collection: str, channel: str) -> tuple[str, ...]:
        found: list[str] = []
        cursor: str | None = None
        try:
            while len(found) < COLLECTION_MAX:
                page = await self._catalog.products(
                    limit=PAGE_MAX, cursor=cursor, collection=collection, channel=channel
                )
                found += [product.slug for product in page.items]
                cursor = page.next
                if cursor is None:
                    break
        except CollectionNotFound:
            return ()
        return tuple(found[:COLLECTION_MAX])


def _memory(clock: Clock, size_max: int) -> Remembered[Any, Any]:
    # an entry is still served at TAXONOMY_KEPT_MS, so it expires one millisecond later
    return Remembered(clock, size_max=size_max, found_ms=TAXONOMY_KEPT_MS + 1, missing_ms=0)
