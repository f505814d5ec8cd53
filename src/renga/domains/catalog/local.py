"""The catalogue's contracts served in this process, and the methods for import, export and demo data."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from renga.domains.catalog.access import Reach, check_whole_catalogue, reach_of
from renga.domains.catalog.contract import (
    DEFAULT_CHANNEL,
    IDS_MAX,
    OFFERS_MAX,
    Category,
    Collection,
    Offer,
    Product,
    ProductPage,
    ProductType,
    RowInvalid,
    Status,
    all_without_costs,
    named_without_costs,
    without_costs,
)
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.feeds.export_products import Format, export_products, make_feed
from renga.domains.catalog.feeds.feed import Feed
from renga.domains.catalog.feeds.outcomes import ImportReport, Progress
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms
from renga.domains.catalog.intake.bulk import Summary, bulk_upsert
from renga.domains.catalog.intake.bulk_rows import BulkRow, RowOutcome, upsert_rows
from renga.domains.catalog.intake.import_products import import_products
from renga.domains.catalog.intake.streams import lines
from renga.domains.catalog.intake.upsert_products import Upserted, upsert_products
from renga.domains.catalog.model import Draft
from renga.domains.catalog.ports import ProductStore, TaxonomyStore
from renga.domains.catalog.products.change_product import (
    archive_product,
    create_product,
    patch_product,
    replace_product,
    types_of,
)
from renga.domains.catalog.products.create_once import create_once, id_of
from renga.domains.catalog.products.find_product import find_many, find_product
from renga.domains.catalog.products.list_own_products import (
    find_own_product,
    find_own_product_of_sku,
    list_own_products,
)
from renga.domains.catalog.products.list_products import list_products
from renga.domains.catalog.products.quote_offers import quote_offers
from renga.domains.catalog.products.scan_products import scan_products
from renga.domains.catalog.products.set_price import set_price
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.members import known, on_shelves
from renga.domains.catalog.seed_demo import seed_demo
from renga.domains.catalog.taxonomy.change_category import drop_category, put_category
from renga.domains.catalog.taxonomy.change_collection import drop_collection, put_collection
from renga.domains.catalog.taxonomy.change_product_type import drop_product_type, put_product_type
from renga.domains.catalog.taxonomy.list_collection import find_collection, list_collection
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.errors import Invalid
from renga.kernel.ids import IdSource


class CatalogService:
    """Implements ``contract.CatalogManagement`` and so ``contract.Catalog``; the other methods are for tools of the shop."""

    def __init__(self, store: ProductStore, taxonomy: TaxonomyStore, clock: Clock, new_id: IdSource) -> None:
        self._store = store
        self._taxonomy = taxonomy
        self._clock = clock
        self._new_id = new_id
        self.dependencies = CatalogDependencies(products=store, taxonomy=taxonomy, clock=clock, new_id=new_id)

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        return await quote_offers(self._store, skus)

    async def products(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        category: str | None = None,
        collection: str | None = None,
        channel: str = DEFAULT_CHANNEL,
    ) -> ProductPage:
        if collection is None:
            page = await list_products(self._store, limit=limit, cursor=cursor, category=category, channel=channel)
        elif category is not None:
            raise Invalid("a list is of a category or of a collection, not of both")
        else:
            page = await list_collection(
                self._store, self._taxonomy, collection, limit=limit, cursor=cursor, channel=channel
            )
        return ProductPage(items=all_without_costs(page.items), next=page.next)

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        return without_costs(await find_product(self._store, slug, channel))

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        return named_without_costs(await find_many(self._store.by_id, ids, IDS_MAX))

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        return named_without_costs(await find_many(self._store.by_sku, skus, OFFERS_MAX))

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        return named_without_costs(await find_many(self._store.by_slug, slugs, IDS_MAX))

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        found, following = await scan_products(self._store, after=after, limit=limit)
        return list(all_without_costs(found)), following

    async def categories(self) -> tuple[Category, ...]:
        return await self._taxonomy.categories()

    async def collections(self) -> tuple[Collection, ...]:
        return await self._taxonomy.collections()

    async def collection(self, slug: str) -> Collection:
        return await find_collection(self._taxonomy, slug)

    async def product_types(self) -> tuple[ProductType, ...]:
        return await self._taxonomy.product_types()

    async def upsert(self, rows: Sequence[Mapping[str, Any]]) -> Upserted:
        """Upsert products from native rows, all or nothing. Raises RowInvalid, SkuTaken, StaleWrite."""
        types = await types_of(self.dependencies)
        drafts = [draft_of(row, types) for row in rows]
        _check_distinct([draft.slug for draft in drafts], "slug")
        _check_distinct([variant.sku for draft in drafts for variant in draft.variants], "sku")
        return await upsert_products(self._store, drafts, clock=self._clock, new_id=self._new_id)

    async def seed_categories(self, categories: Sequence[Category]) -> None:
        """Upsert these categories by slug, without events."""
        await self._taxonomy.seed_categories(categories)

    async def draft(self, row: Mapping[str, Any]) -> Draft:
        """The draft of a native row, checked by its product type if it has one. Raises RowInvalid."""
        return draft_of(row, await types_of(self.dependencies))

    async def own_product(self, caller: Caller, slug: str) -> Product:
        return await find_own_product(self._store, slug, reach_of(caller))

    async def own_product_of_sku(self, caller: Caller, sku: str) -> Product:
        return await find_own_product_of_sku(self._store, sku, reach_of(caller))

    async def own_products(
        self, caller: Caller, *, limit: int = 20, cursor: str | None = None, status: Status | None = None
    ) -> ProductPage:
        return await list_own_products(self._store, reach_of(caller), limit=limit, cursor=cursor, status=status)

    async def create_product(self, caller: Caller, row: Mapping[str, Any]) -> Product:
        return await create_product(self.dependencies, row, reach_of(caller))

    async def create_product_once(self, caller: Caller, row: Mapping[str, Any], *, key: str) -> tuple[Product, bool]:
        reach = reach_of(caller)
        return await create_once(self.dependencies, row, reach, id_of(caller.identified(), key))

    async def replace_product(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Product:
        return await replace_product(self.dependencies, slug, row, expected_version, reach_of(caller))

    async def patch_product(
        self, caller: Caller, slug: str, changes: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Product:
        return await patch_product(self.dependencies, slug, changes, expected_version, reach_of(caller))

    async def archive_product(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> Product:
        return await archive_product(self.dependencies, slug, expected_version, reach_of(caller))

    async def set_price(
        self,
        caller: Caller,
        sku: str,
        currency: str,
        amount: int | None,
        *,
        at: str | None = None,
        expected_version: int | None = None,
    ) -> Product:
        reach = reach_of(caller)
        return await set_price(
            self.dependencies, reach, sku, currency, amount, at=at, expected_version=expected_version
        )

    async def put_category(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Category:
        check_whole_catalogue(caller)
        return await put_category(self.dependencies, slug, row, expected_version)

    async def drop_category(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> None:
        check_whole_catalogue(caller)
        await drop_category(self.dependencies, slug, expected_version)

    async def put_collection(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Collection:
        check_whole_catalogue(caller)
        return await put_collection(self.dependencies, slug, row, expected_version)

    async def drop_collection(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> None:
        check_whole_catalogue(caller)
        await drop_collection(self.dependencies, slug, expected_version)

    async def put_product_type(
        self, caller: Caller, code: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> ProductType:
        check_whole_catalogue(caller)
        return await put_product_type(self.dependencies, code, row, expected_version)

    async def drop_product_type(self, caller: Caller, code: str, *, expected_version: int | None = None) -> None:
        check_whole_catalogue(caller)
        await drop_product_type(self.dependencies, code, expected_version)

    async def import_products(
        self,
        source: Path | str,
        *,
        mapping: Path | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
        stdin: BinaryIO | None = None,
        shopify: ShopifyTerms | None = None,
    ) -> ImportReport:
        """Import a JSON Lines or CSV file, ``-`` for the standard input; a Shopify file is recognised by its header.

        Raises ImportRefused, Unavailable.
        """
        return await import_products(
            self._store,
            source,
            mapping=mapping,
            skip_bad=skip_bad,
            progress=progress,
            clock=self._clock,
            new_id=self._new_id,
            stdin=stdin,
            types=await types_of(self.dependencies),
            shopify=shopify,
        )

    def bulk(self, caller: Caller) -> Callable[[AsyncIterator[bytes]], AsyncIterator[RowOutcome | Summary]]:
        """A function that upserts a stream of native rows within the caller's access: an outcome per row, then the counts.

        Only callers with access to every merchant may create categories this way. Raises Unauthenticated,
        InsufficientScope.
        """
        return partial(self._bulk, reach_of(caller))

    async def _bulk(self, reach: Reach, body: AsyncIterator[bytes]) -> AsyncIterator[RowOutcome | Summary]:
        async def write(rows: Sequence[BulkRow]) -> list[RowOutcome]:
            return await upsert_rows(self._store, rows, reach=reach, clock=self._clock, new_id=self._new_id)

        types = await types_of(self.dependencies)
        taxonomy = None if reach.every else {category.slug for category in await self.categories()}

        def read(row: dict[str, Any]) -> Draft:
            return draft_of(on_shelves(known(row), taxonomy), types)

        async for one in bulk_upsert(lines(body), read, write):
            yield one

    async def feed(self, name: Format, *, shop_url: str, language: str, currency: str) -> Feed:
        """A writer of this export format, with the shop's categories. Raises UnknownCurrency."""
        at, categories = rfc3339(self._clock.now_ms()), await self.categories()
        return make_feed(name, shop_url=shop_url, language=language, currency=currency, at=at, categories=categories)

    def export(self, caller: Caller, feed: Feed) -> AsyncIterator[str]:
        """The pieces of a file with the products that the caller may access. Raises Unauthenticated, InsufficientScope."""
        return export_products(self._store, feed, reach=reach_of(caller))

    async def seed_demo(self, merchant: str | None = None) -> Upserted:
        """Add the demo products, owned by ``merchant``; repeating it changes nothing."""
        return await seed_demo(self._store, self._taxonomy, merchant=merchant, clock=self._clock, new_id=self._new_id)


def _check_distinct(names: Sequence[str], field: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RowInvalid([(field, f"{name!r} is there twice")])
        seen.add(name)
