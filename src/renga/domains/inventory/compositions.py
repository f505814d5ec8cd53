"""Compositions: what the catalogue knows about skus."""

from collections.abc import Mapping, Sequence

from renga.domains.catalog.contract import OFFERS_MAX, CatalogContracts, Product
from renga.domains.inventory.model.allocating import Parts
from renga.domains.inventory.ports import SkuOwner


class CatalogCompositions:
    """Parts come from the cached catalogue (a bundle that changes is known in a moment), owners from the store."""

    def __init__(self, catalog: CatalogContracts) -> None:
        self._catalog = catalog

    async def parts(self, skus: Sequence[str]) -> Mapping[str, Parts]:
        found: dict[str, Parts] = {}
        for at in range(0, len(skus), OFFERS_MAX):
            products = await self._catalog.cached.products_by_sku(skus[at : at + OFFERS_MAX])
            for sku, product in products.items():
                if parts := _parts(product, sku):
                    found[sku] = parts
        return found

    async def owners(self, skus: Sequence[str]) -> Mapping[str, SkuOwner]:
        products = await self._catalog.fresh.products_by_sku(skus)
        return {sku: SkuOwner(one.merchant, bool(_parts(one, sku))) for sku, one in products.items()}

    async def countable(self) -> Sequence[str]:
        skus, after = list[str](), 0
        while True:
            products, following = await self._catalog.fresh.scan(after=after)
            skus += [one.sku for product in products for one in product.variants if not (one.bundle or one.digital)]
            if following is None:
                return skus
            after = following


def _parts(product: Product, sku: str) -> Parts:
    variant = next((one for one in product.variants if one.sku == sku), None)
    return () if variant is None else tuple((part.sku, part.quantity) for part in variant.bundle)
