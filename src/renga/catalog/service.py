"""The catalogue as one object: the contract that other domains see, and the writes of imports and consoles."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from renga.catalog.contract import Category, Offer, Product, ProductPage
from renga.catalog.drafts import RowInvalid, draft_of
from renga.catalog.find_product import find_product
from renga.catalog.import_products import import_products
from renga.catalog.importing import ImportReport, Progress
from renga.catalog.list_products import list_products
from renga.catalog.ports import ProductStore
from renga.catalog.quote_offers import quote_offers
from renga.catalog.seed_demo import seed_demo
from renga.catalog.set_price import set_price
from renga.catalog.upsert_products import Upserted, upsert_products
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


class CatalogService:
    """Implements ``contract.Catalog``; the further methods are for the shop's own people and tools."""

    def __init__(self, store: ProductStore, clock: Clock, new_id: IdSource) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        return await quote_offers(self._store, skus)

    async def products(self, *, limit: int = 20, cursor: str | None = None, category: str | None = None) -> ProductPage:
        return await list_products(self._store, limit=limit, cursor=cursor, category=category)

    async def product(self, slug: str) -> Product:
        return await find_product(self._store, slug)

    async def categories(self) -> tuple[Category, ...]:
        return await self._store.categories()

    async def upsert(self, rows: Sequence[Mapping[str, Any]]) -> Upserted:
        """Make products be as these native rows say, all or nothing. Raises RowInvalid, SkuTaken, StaleWrite."""
        drafts = [draft_of(row) for row in rows]
        _check_distinct([draft.slug for draft in drafts], "slug")
        _check_distinct([variant.sku for draft in drafts for variant in draft.variants], "sku")
        return await upsert_products(self._store, drafts, clock=self._clock, new_id=self._new_id)

    async def put_categories(self, categories: Sequence[Category]) -> None:
        """Make these categories be as given (upsert by slug)."""
        await self._store.put_categories(categories)

    async def set_price(self, sku: str, currency: str, amount: int | None) -> Product:
        """Set the price in minor units; None ends the sale in this currency.

        Raises UnknownCurrency, PriceOutOfRange, SkuNotFound, StaleWrite.
        """
        return await set_price(self._store, sku, currency, amount, clock=self._clock, new_id=self._new_id)

    async def import_products(
        self,
        source: Path | str,
        *,
        mapping: Path | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
        stdin: BinaryIO | None = None,
    ) -> ImportReport:
        """Import a JSON Lines or CSV file, ``-`` for the standard input. Raises ImportRefused, Unavailable."""
        return await import_products(
            self._store,
            source,
            mapping=mapping,
            skip_bad=skip_bad,
            progress=progress,
            clock=self._clock,
            new_id=self._new_id,
            stdin=stdin,
        )

    async def seed_demo(self) -> Upserted:
        """Fill the shop with the demo products; a second time changes nothing."""
        return await seed_demo(self._store, clock=self._clock, new_id=self._new_id)


def _check_distinct(names: Sequence[str], field: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RowInvalid([(field, f"{name!r} is there twice")])
        seen.add(name)
