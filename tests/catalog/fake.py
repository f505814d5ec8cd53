"""The catalogue in memory, true to its contract, for tests of its callers: two products, or the demo shop."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from renga.domains.catalog.contract import (
    DEFAULT_CHANNEL,
    Category,
    CategoryNotFound,
    Collection,
    CollectionNotFound,
    CursorInvalid,
    Offer,
    Product,
    ProductNotFound,
    ProductPage,
    ProductType,
    sold_in,
)
from tests.catalog.samples import CATEGORIES, CUP, LAMP, MOMENT

DEMO = Path(__file__).parents[2] / "src" / "renga" / "domains" / "catalog" / "demo"


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines() if line.strip()]


class FakeCatalog:
    """A catalogue of two products, or of the demo shop. ``trouble`` is raised by every call while it is set."""

    def __init__(self, products: Sequence[Product] = (CUP, LAMP), categories: Sequence[Category] = CATEGORIES) -> None:
        self.by_slug = {product.slug: product for product in products}
        self.taxonomy = tuple(categories)
        self.types: tuple[ProductType, ...] = ()
        self.trouble: Exception | None = None

    @classmethod
    def demo(cls) -> "FakeCatalog":
        common = {"version": 1, "created_at": MOMENT, "updated_at": MOMENT}
        rows = [{"id": row["slug"], **common, **row} for row in _rows("products.jsonl")]
        fake = cls(msgspec.convert(rows, list[Product]), msgspec.convert(_rows("categories.jsonl"), list[Category]))
        fake.types = msgspec.convert(_rows("product_types.jsonl"), tuple[ProductType, ...])
        return fake

    def reprice(self, sku: str, prices: dict[str, int]) -> None:
        """The merchant changes a variant's prices; {} ends its sale."""
        for slug, product in self.by_slug.items():
            variants = tuple(
                msgspec.structs.replace(variant, prices=prices) if variant.sku == sku else variant
                for variant in product.variants
            )
            self.by_slug[slug] = msgspec.structs.replace(product, variants=variants)

    def withdraw(self, slug: str) -> None:
        del self.by_slug[slug]

    def _open(self) -> None:
        if self.trouble:
            raise self.trouble

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        self._open()
        return {sku: offer for sku in skus if (offer := self.offer(sku))}

    def offer(self, sku: str) -> Offer | None:
        for product in self.by_slug.values():
            for variant in product.variants:
                if variant.sku == sku:
                    return Offer(
                        sku=sku,
                        slug=product.slug,
                        title=product.title,
                        options=variant.options,
                        prices=variant.prices,
                        image=variant.image or product.image,
                        product_version=product.version,
                    )
        return None

    async def products(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        category: str | None = None,
        collection: str | None = None,
        channel: str = DEFAULT_CHANNEL,
    ) -> ProductPage:
        self._open()
        if collection is not None:
            raise CollectionNotFound
        if category is not None and category not in {shelf.slug for shelf in self.taxonomy}:
            raise CategoryNotFound
        if cursor is not None and not cursor.isdecimal():
            raise CursorInvalid
        found = [
            p for p in self.by_slug.values() if sold_in(p, channel) and (category is None or category in p.categories)
        ]
        start = int(cursor or 0)
        more = str(start + limit) if start + limit < len(found) else None
        return ProductPage(items=tuple(found[start : start + limit]), next=more)

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        self._open()
        if slug not in self.by_slug or not sold_in(self.by_slug[slug], channel):
            raise ProductNotFound
        return self.by_slug[slug]

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        self._open()
        return {product.id: product for product in self.by_slug.values() if product.id in ids}

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        self._open()
        return {slug: self.by_slug[slug] for slug in slugs if slug in self.by_slug}

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        self._open()
        return {v.sku: product for product in self.by_slug.values() for v in product.variants if v.sku in skus}

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        self._open()
        found = list(self.by_slug.values())[after : after + limit]
        return found, after + len(found) if len(found) == limit else None

    async def categories(self) -> tuple[Category, ...]:
        self._open()
        return self.taxonomy

    async def collections(self) -> tuple[Collection, ...]:
        self._open()
        return ()

    async def collection(self, slug: str) -> Collection:
        self._open()
        raise CollectionNotFound

    async def product_types(self) -> tuple[ProductType, ...]:
        self._open()
        return self.types
