"""The catalogue as its pages show it: counted skus have the availability of their stock, all others the declared one."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from renga.domains.catalog.contract import (
    DEFAULT_CHANNEL,
    Catalog,
    Category,
    Collection,
    Offer,
    Product,
    ProductPage,
    ProductType,
)
from renga.domains.inventory.contract.counted import counted_product
from renga.domains.inventory.contract.stock import AVAILABILITY_MAX, Available
from renga.kernel.clock import Clock

#: How old an answer of the stock may be, and how many skus are remembered.
FRESH_MS = 1_000
SKUS_MAX = 20_000


class AvailableStock(Protocol):
    """The part of ``Stock`` that is needed here."""

    async def availability(self, skus: Sequence[str]) -> dict[str, Available]: ...


class Hurried(Protocol):
    """Reads that are not waited for long: None if the owner is unavailable or late."""

    async def read(self, load: Callable[[], Awaitable[dict[str, Available]]]) -> dict[str, Available] | None: ...


class CountedCatalog:
    """Implements ``Catalog``. While the stock cannot be read, products have what was known last, else what is declared."""

    def __init__(self, catalog: Catalog, stock: AvailableStock, clock: Clock, hurried: Hurried) -> None:
        self._catalog, self._stock, self._clock, self._hurried = catalog, stock, clock, hurried
        #: By sku: until when it is fresh, and the answer (None: not counted).
        self._known: dict[str, tuple[int, Available | None]] = {}

    async def products(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        category: str | None = None,
        collection: str | None = None,
        channel: str = DEFAULT_CHANNEL,
    ) -> ProductPage:
        page = await self._catalog.products(
            limit=limit, cursor=cursor, category=category, collection=collection, channel=channel
        )
        return msgspec.structs.replace(page, items=tuple(await self._counted(page.items)))

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        return (await self._counted([await self._catalog.product(slug, channel=channel)]))[0]

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        return await self._counted_by_name(await self._catalog.products_by_id(ids))

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        return await self._counted_by_name(await self._catalog.products_by_sku(skus))

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        return await self._counted_by_name(await self._catalog.products_by_slug(slugs))

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        products, following = await self._catalog.scan(after=after, limit=limit)
        return await self._counted(products), following

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        return await self._catalog.offers(skus)

    async def categories(self) -> tuple[Category, ...]:
        return await self._catalog.categories()

    async def collections(self) -> tuple[Collection, ...]:
        return await self._catalog.collections()

    async def collection(self, slug: str) -> Collection:
        return await self._catalog.collection(slug)

    async def product_types(self) -> tuple[ProductType, ...]:
        return await self._catalog.product_types()

    async def _counted_by_name(self, products: Mapping[str, Product]) -> dict[str, Product]:
        return dict(zip(products, await self._counted(list(products.values())), strict=True))

    async def _counted(self, products: Sequence[Product]) -> list[Product]:
        found = await self._availability(variant.sku for product in products for variant in product.variants)
        return [counted_product(product, found) for product in products]

    async def _availability(self, skus: Iterable[str]) -> dict[str, Available]:
        wanted, now_ms = list(dict.fromkeys(skus)), self._clock.now_ms()
        old = [sku for sku in wanted if self._known.get(sku, (0, None))[0] <= now_ms]
        for start in range(0, len(old), AVAILABILITY_MAX):
            if not await self._learn(old[start : start + AVAILABILITY_MAX], now_ms + FRESH_MS):
                break  # pages are shown with what is known: the reservation at checkout decides
        answers = ((sku, self._known[sku][1]) for sku in wanted if sku in self._known)
        return {sku: answer for sku, answer in answers if answer is not None}

    async def _learn(self, skus: Sequence[str], until_ms: int) -> bool:
        """False: the stock cannot be read now."""
        found = await self._hurried.read(lambda: self._stock.availability(skus))
        if found is None:
            return False
        if len(self._known) + len(skus) > SKUS_MAX:
            self._known.clear()
        self._known |= {sku: (until_ms, found.get(sku)) for sku in skus}
        return True
