"""The catalogue's read interface for other domains."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from renga.domains.catalog.contract.products import DEFAULT_CHANNEL, Offer, Product, ProductPage
from renga.domains.catalog.contract.taxonomy import Category, Collection, ProductType

#: Limits: products on one page, skus per call of ``offers``, ids per call of ``products_by_id``.
PAGE_MAX = 100
OFFERS_MAX = 500
IDS_MAX = 500


class Catalog(Protocol):
    """Reads for other domains, without costs except in ``offers``. Every method raises ``Unavailable`` when the store is
    unavailable.
    """

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        """Current offers of up to OFFERS_MAX skus, in one round trip; skus that are unknown or sold nowhere are absent.

        Only fresh offers have a ``cost``; who keeps or shows offers drops it (``offers_without_costs``).
        """
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

        ``category`` includes its subcategories. ``collection`` lists its products, a manual collection in its own order; not
        together with ``category``. Raises CursorInvalid, CategoryNotFound, CollectionNotFound, Invalid.
        """
        ...

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        """One product by slug. Raises ProductNotFound, also if it is not sold in the channel."""
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
        """All products in any state, oldest first, for read models; with the ``after`` of the next call, None at the end.

        Products that are added or changed during the scan send an event.
        """
        ...

    async def categories(self) -> tuple[Category, ...]:
        """All categories by position, then slug."""
        ...

    async def collections(self) -> tuple[Collection, ...]:
        """All collections by slug; ``products`` of manual collections is left empty."""
        ...

    async def collection(self, slug: str) -> Collection:
        """One collection. Raises CollectionNotFound."""
        ...

    async def product_types(self) -> tuple[ProductType, ...]:
        """All product types by code."""
        ...


class CatalogContracts(msgspec.Struct, frozen=True, kw_only=True):
    """The contracts of the module ``catalog``.

    ``fresh``    reads from the store: for carts, orders, read models
    ``cached``   may be seconds out of date: for pages and public reads
    ``managed``  operations for merchants and staff; None if this process does not serve them over HTTP
    """

    fresh: Catalog
    cached: Catalog
    managed: Any = None
