"""Writes products of the catalogue to the index, in their current state, whatever the event was."""

from collections.abc import Iterable, Sequence

from renga.domains.catalog.contract import OFFERS_MAX, Catalog, Product
from renga.domains.inventory.contract import AVAILABILITY_MAX, Available, Stock
from renga.domains.inventory.contract.counted import counted_product
from renga.domains.search.limits import BATCH_MAX
from renga.domains.search.model.document import Document, document_of
from renga.domains.search.ports import Removal, SearchIndex, SteeringStore
from renga.domains.search.taxonomy import TaxonomyReader
from renga.kernel.clock import Clock


class Indexer:
    """Converts products to documents and writes them to the index."""

    def __init__(
        self,
        catalog: Catalog,
        index: SearchIndex,
        store: SteeringStore,
        taxonomy: TaxonomyReader,
        clock: Clock,
        stock: Stock | None = None,
    ) -> None:
        self.catalog = catalog
        self._stock = stock
        self.index = index
        self.taxonomy = taxonomy
        self._store = store
        self._clock = clock

    async def documents(self, products: Sequence[Product]) -> tuple[list[Document], list[Removal]]:
        """The documents of products that are sold, and the removals of the others."""
        taxonomy = await self.taxonomy.taxonomy()
        sold = await self._counted([product for product in products if product.channels])
        popular = await self._store.popularity([product.id for product in sold], self._clock.now_ms())
        made = [document_of(product, taxonomy, popularity=popular.get(product.id, 0.0)) for product in sold]
        return made, [Removal(product.id, product.version) for product in products if not product.channels]

    async def _counted(self, products: Sequence[Product]) -> Sequence[Product]:
        """The products with the availability of their counted skus, as the inventory says now."""
        if self._stock is None:
            return products
        skus = [variant.sku for product in products for variant in product.variants]
        found: dict[str, Available] = {}
        for start in range(0, len(skus), AVAILABILITY_MAX):
            found |= await self._stock.availability(skus[start : start + AVAILABILITY_MAX])
        return [counted_product(product, found) for product in products]

    async def bring_skus(self, skus: Iterable[str]) -> None:
        """Index the products of these skus. Raises Unavailable."""
        wanted = list(dict.fromkeys(skus))
        for start in range(0, len(wanted), OFFERS_MAX):
            found = await self.catalog.products_by_sku(wanted[start : start + OFFERS_MAX])
            await self.bring(product.id for product in found.values())

    async def bring(self, ids: Iterable[str]) -> None:
        """Index these products from the catalogue's current state. Raises Unavailable."""
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), BATCH_MAX):
            found = await self.catalog.products_by_id(wanted[start : start + BATCH_MAX])
            await self.put(list(found.values()))

    async def put(self, products: Sequence[Product]) -> None:
        documents, removals = await self.documents(products)
        if documents:
            await self.index.put(documents)
        if removals:
            await self.index.remove(removals)

    async def bring_all(self) -> int:
        """Index every product in place, after a category or type has changed; returns how many."""
        after: int | None = 0
        count = 0
        while after is not None:
            products, after = await self.catalog.scan(after=after, limit=BATCH_MAX)
            await self.put(products)
            count += len(products)
        return count
