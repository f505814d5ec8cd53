"""The questions that others may ask of the catalogue."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from renga.domains.catalog.contract.products import DEFAULT_CHANNEL, Offer, Product, ProductPage
from renga.domains.catalog.contract.taxonomy import Category, Collection, ProductType

#: Most products on one page, skus in one call of ``offers``, ids in one call of ``products_by_id``.
PAGE_MAX = 100
OFFERS_MAX = 500
IDS_MAX = 500


class Catalog(Protocol):
    """The catalogue as other domains see it. Every method raises ``Unavailable`` when the store is away."""

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        """Fresh offers of up to OFFERS_MAX skus, in one round trip; a sku that is unknown or sold nowhere is absent."""
        ...

    async def products(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        category: str | None = None,
        collection: str | None = None,
        channel: str = DEFAULT_CHANNEL,
    ) -> ProductPage:
        """Products sold in the channel, newest first (stable under inserts), ``limit`` from 1 to PAGE_MAX.

        ``category`` includes those below it. ``collection`` lists its products, a hand-made one in its own order; it excludes
        ``category``. Raises CursorInvalid, CategoryNotFound, CollectionNotFound, Invalid (limit).
        """
        ...

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        """One product by slug. Raises ProductNotFound, also for one that is not sold in the channel."""
        ...

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        """Up to IDS_MAX products in one round trip, in any state (see ``sold_in``); unknown ids are absent."""
        ...

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        """The products that these (up to OFFERS_MAX) skus belong to, in any state; unknown skus are absent."""
        ...

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        """The products with these (up to IDS_MAX) slugs, in any state; unknown slugs are absent."""
        ...

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        """All products in any state, oldest first, for read models; and the ``after`` of the next call, None at the end.

        A product that is added or changed meanwhile is told by its event.
        """
        ...

    async def categories(self) -> tuple[Category, ...]:
        """All categories by position, then slug."""
        ...

    async def collections(self) -> tuple[Collection, ...]:
        """All collections by slug; of hand-made ones, ``products`` is left empty."""
        ...

    async def collection(self, slug: str) -> Collection:
        """One collection. Raises CollectionNotFound."""
        ...

    async def product_types(self) -> tuple[ProductType, ...]:
        """All product types by code."""
        ...


class CatalogContracts(msgspec.Struct, frozen=True, kw_only=True):
    """What the module ``catalog`` offers.

    ``fresh``    asks the store: for carts, orders, read models
    ``cached``   may answer what was true a moment ago: for pages and public reads
    ``managed``  what merchants and the shop's people do; None where nobody manages the catalogue over HTTP
    """

    fresh: Catalog
    cached: Catalog
    managed: Any = None
