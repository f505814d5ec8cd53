"""The catalogue behind a cache: products, first pages of lists, categories and types. Events of the catalogue invalidate it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

import msgspec

from renga.domains.catalog.contract import (
    CATEGORIES,
    COLLECTIONS,
    DEFAULT_CHANNEL,
    IDS_MAX,
    MEMBERS,
    OFFERS_MAX,
    PRODUCTS,
    TYPES,
    Catalog,
    Category,
    Collection,
    Offer,
    Product,
    ProductNotFound,
    ProductPage,
    ProductType,
    offers_without_costs,
    product_tag,
    slug_tag,
    sold_in,
)
from renga.platform.cache.port import Cache, Loaded

#: Longer names belong to no product and are not cached, so that requests cannot fill the cache.
NAME_CHARS_MAX = 200
#: Approximate ratio of a value's size in memory to its size in msgpack.
OBJECT_FACTOR = 4

Lookup = Callable[[Sequence[str]], Awaitable[dict[str, Product]]]


class CachedCatalogAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cached result: the member for its kind of read is set."""

    product: Product | None = None
    page: ProductPage | None = None
    collection: Collection | None = None
    categories: tuple[Category, ...] = ()
    collections: tuple[Collection, ...] = ()
    types: tuple[ProductType, ...] = ()


def size_of(held: CachedCatalogAnswer) -> int:
    """Approximate bytes in memory."""
    return len(msgspec.msgpack.encode(held)) * OBJECT_FACTOR


class CachedCatalog:
    """Implements ``Catalog`` for readers who accept slightly old data. Offers and scans are never cached.

    Recently cached values are served while the store is unavailable.
    """

    def __init__(self, catalog: Catalog, cache: Cache[CachedCatalogAnswer]) -> None:
        self._catalog = catalog
        self.cache = cache

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        return offers_without_costs(await self._catalog.offers(skus))

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        return await self._catalog.scan(after=after, limit=limit)

    async def products(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        category: str | None = None,
        collection: str | None = None,
        channel: str = DEFAULT_CHANNEL,
    ) -> ProductPage:
        ask = partial(
            self._catalog.products,
            limit=limit,
            cursor=cursor,
            category=category,
            collection=collection,
            channel=channel,
        )
        if cursor is not None or any(len(name or "") > NAME_CHARS_MAX for name in (category, collection, channel)):
            return await ask()
        tags = frozenset((PRODUCTS,) if collection is None else (PRODUCTS, MEMBERS))

        async def load() -> Loaded[CachedCatalogAnswer]:
            return Loaded(CachedCatalogAnswer(page=await ask()), tags)

        held = await self.cache.get(f"page:{limit}:{category!r}:{collection!r}:{channel!r}", load)
        assert held is not None
        assert held.page is not None  # a loader that finds nothing raises
        return held.page

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        product = (await self.products_by_slug([slug])).get(slug)
        if product is None or not sold_in(product, channel):
            raise ProductNotFound(f"there is no product {slug[:120]!r}")
        return product

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        return await self._many("id", ids, self._catalog.products_by_id, IDS_MAX, product_tag)

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        return await self._many("slug", slugs, self._catalog.products_by_slug, IDS_MAX, slug_tag)

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        return await self._many("sku", skus, self._catalog.products_by_sku, OFFERS_MAX, None)

    async def categories(self) -> tuple[Category, ...]:
        async def load() -> Loaded[CachedCatalogAnswer]:
            return Loaded(CachedCatalogAnswer(categories=await self._catalog.categories()), frozenset((CATEGORIES,)))

        return (await self._held("categories", load)).categories

    async def collections(self) -> tuple[Collection, ...]:
        async def load() -> Loaded[CachedCatalogAnswer]:
            return Loaded(CachedCatalogAnswer(collections=await self._catalog.collections()), frozenset((COLLECTIONS,)))

        return (await self._held("collections", load)).collections

    async def collection(self, slug: str) -> Collection:
        if len(slug) > NAME_CHARS_MAX:
            return await self._catalog.collection(slug)

        async def load() -> Loaded[CachedCatalogAnswer]:
            return Loaded(
                CachedCatalogAnswer(collection=await self._catalog.collection(slug)), frozenset((COLLECTIONS,))
            )

        found = (await self._held(f"collection:{slug}", load)).collection
        assert found is not None
        return found

    async def product_types(self) -> tuple[ProductType, ...]:
        async def load() -> Loaded[CachedCatalogAnswer]:
            return Loaded(CachedCatalogAnswer(types=await self._catalog.product_types()), frozenset((TYPES,)))

        return (await self._held("types", load)).types

    async def _held(self, key: str, load: Callable[[], Awaitable[Loaded[CachedCatalogAnswer]]]) -> CachedCatalogAnswer:
        held = await self.cache.get(key, load)
        assert held is not None  # a loader that finds nothing raises
        return held

    async def _many(
        self, kind: str, names: Sequence[str], ask: Lookup, names_max: int, absent_tag: Callable[[str], str] | None
    ) -> dict[str, Product]:
        if len(names) > names_max or any(len(name) > NAME_CHARS_MAX for name in names):
            return await ask(names)
        found, missing = dict[str, Product](), list[str]()
        for name in dict.fromkeys(names):
            held = self.cache.peek(f"{kind}:{name}")
            if held is not None and held.product is not None:
                found[name] = held.product
            else:
                missing.append(name)
        if missing:
            found |= await self._load(kind, missing, _LookupBatch(ask, absent_tag))
        return found

    async def _load(self, kind: str, names: Iterable[str], batch: "_LookupBatch") -> dict[str, Product]:
        names = list(names)
        answers = await asyncio.gather(*(self.cache.get(f"{kind}:{n}", partial(batch.load, n)) for n in names))
        return {n: held.product for n, held in zip(names, answers, strict=True) if held and held.product}


class _LookupBatch:
    """Collects single lookups of the same event-loop tick into one call of the catalogue.

    It has no memory and no single flight of its own: both are the cache's. Names arrive here only after their lookup in Redis
    missed, so they are batched here and not before the cache.
    """

    def __init__(self, ask: Lookup, absent_tag: Callable[[str], str] | None) -> None:
        self._ask = ask
        self._absent_tag = absent_tag
        self._names: list[str] = []
        self._asking: asyncio.Task[dict[str, Product]] | None = None

    async def load(self, name: str) -> Loaded[CachedCatalogAnswer]:
        self._names.append(name)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        product = (await self._asking).get(name)
        if product is not None:
            return Loaded(CachedCatalogAnswer(product=product), frozenset((product_tag(product.id),)))
        if self._absent_tag is None:
            return Loaded(None)
        return Loaded(None, frozenset((self._absent_tag(name),)), absent=True)

    async def _ask_all(self) -> dict[str, Product]:
        await asyncio.sleep(0)  # also collect the names whose Redis lookup ended in this tick
        names, self._names, self._asking = self._names, [], None
        return await self._ask(names)
