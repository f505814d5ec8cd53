"""In which collections products are: only those that promotions name are looked at."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from renga.domains.catalog.contract import CatalogContracts, Collection, CollectionNotFound, Product
from renga.domains.catalog.contract.rules import meets


class CollectionShelves:
    """Collections may be seconds old; products are as given."""

    def __init__(self, catalog: CatalogContracts) -> None:
        self._catalog = catalog

    async def of(
        self, products: Iterable[Product], slugs: Sequence[str], parents: Mapping[str, str | None]
    ) -> dict[str, tuple[str, ...]]:
        """The collections (of these slugs) of each product, by the product's id. Raises Unavailable."""
        found = [one for one in await asyncio.gather(*(self._collection(slug) for slug in slugs)) if one is not None]
        return {product.id: tuple(one.slug for one in found if _holds(one, product, parents)) for product in products}

    async def _collection(self, slug: str) -> Collection | None:
        try:
            return await self._catalog.cached.collection(slug)
        except CollectionNotFound:
            return None


def _holds(collection: Collection, product: Product, parents: Mapping[str, str | None]) -> bool:
    if collection.rule is not None:
        return meets(product, collection.rule, parents)
    return product.slug in collection.products
