"""What the catalogue says beside its products, kept for a moment: categories and types, members of collections."""

from collections import OrderedDict

from renga.domains.catalog.contract import PAGE_MAX, Catalog, CollectionNotFound
from renga.domains.search.model.document import Shelves
from renga.domains.search.settings import COLLECTION_MAX, SHELVES_KEPT_MS
from renga.kernel.clock import Clock

_COLLECTIONS_KEPT_MAX = 200


class ShelfReader:
    """Asks the catalogue at most once in SHELVES_KEPT_MS for each thing, unless news dropped it."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._shelves: tuple[int, Shelves] | None = None
        self._members: OrderedDict[tuple[str, str], tuple[int, tuple[str, ...]]] = OrderedDict()

    def drop(self) -> None:
        """News came: ask again."""
        self._shelves = None
        self._members.clear()

    async def shelves(self) -> Shelves:
        """Raises Unavailable."""
        now = self._clock.now_ms()
        if self._shelves is None or now - self._shelves[0] > SHELVES_KEPT_MS:
            made = Shelves.of(await self._catalog.categories(), await self._catalog.product_types())
            self._shelves = (now, made)
        return self._shelves[1]

    async def members(self, collection: str, channel: str) -> tuple[str, ...]:
        """Slugs of its first COLLECTION_MAX products; none for a collection that is not there."""
        now, name = self._clock.now_ms(), (collection, channel)
        kept = self._members.get(name)
        if kept is not None and now - kept[0] <= SHELVES_KEPT_MS:
            return kept[1]
        found = await self._read(collection, channel)
        self._members[name] = (now, found)
        self._members.move_to_end(name)
        while len(self._members) > _COLLECTIONS_KEPT_MAX:
            self._members.popitem(last=False)
        return found

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
