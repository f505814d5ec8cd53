"""The catalogue's management interface: products in any state, prices, categories, collections, product types."""

from collections.abc import Mapping
from typing import Any, Protocol

from renga.domains.catalog.contract.catalog import Catalog
from renga.domains.catalog.contract.products import Product, ProductPage, Status
from renga.domains.catalog.contract.taxonomy import Category, Collection, ProductType
from renga.kernel.caller import Caller

#: Scope for the products of the caller's merchants.
OWN_PRODUCTS = "catalog:write"
#: Scope for every merchant's products, and for categories, collections and product types.
WHOLE_CATALOGUE = "catalog:manage"


class CatalogManagement(Catalog, Protocol):
    """Operations for merchants and staff. The caller is the first argument.

    Products: OWN_PRODUCTS gives access to those of the caller's merchants, WHOLE_CATALOGUE to every merchant's; so does
    OWN_PRODUCTS for a service that acts in its own name. Other products are "not found". Categories, collections and product
    types need WHOLE_CATALOGUE. Every method with a caller raises Unauthenticated, InsufficientScope, Unavailable.

    A row has the native format of ``docs/guides/catalogue.md``; its pictures are in ``image`` and ``media``.
    ``expected_version`` is the version that the caller has read, 0 if it must not exist, None for any. After repeated conflicts
    with concurrent writes ProductChanged is raised. After any error nothing was written.
    """

    async def own_product(self, caller: Caller, slug: str) -> Product:
        """One product in any state. Raises ProductNotFound."""
        ...

    async def own_product_of_sku(self, caller: Caller, sku: str) -> Product:
        """The product that a sku belongs to, in any state. Raises SkuNotFound."""
        ...

    async def own_products(
        self, caller: Caller, *, limit: int = 20, cursor: str | None = None, status: Status | None = None
    ) -> ProductPage:
        """Products in any state, or in one, newest first. Raises CursorInvalid, Invalid (limit)."""
        ...

    async def create_product(self, caller: Caller, row: Mapping[str, Any]) -> Product:
        """Create a product. ``merchant`` is optional if the caller has exactly one.

        Callers without access to every merchant may only use existing categories.

        Raises ProductSlugTaken, SkuTaken, RowInvalid (also if the merchant is not one of the caller's).
        """
        ...

    async def create_product_once(self, caller: Caller, row: Mapping[str, Any], *, key: str) -> tuple[Product, bool]:
        """As ``create_product``, once per caller and key; also returns whether an earlier call created it.

        Raises IdempotencyConflict too.
        """
        ...

    async def replace_product(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Product:
        """Replace the product by the row, or create it if it does not exist (``version`` is then 1).

        Merchant, status and scheduled prices stay if the row omits them. Raises VersionMismatch, ProductNotFound (another
        merchant's product), SkuTaken, RowInvalid.
        """
        ...

    async def patch_product(
        self, caller: Caller, slug: str, changes: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Product:
        """Apply a JSON merge patch (RFC 7396) to the native row. Raises as ``replace_product``."""
        ...

    async def archive_product(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> Product:
        """Stop selling it; it is kept for old orders. Raises VersionMismatch, ProductNotFound."""
        ...

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
        """Set the price in minor units, now or at a future time (RFC 3339); None ends the sale in this currency.

        ``expected_version`` is the product's. Raises UnknownCurrency, PriceOutOfRange, MomentInvalid, TooManyScheduled,
        SkuNotFound, VersionMismatch.
        """
        ...

    async def put_category(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Category:
        """Create or replace it. Raises TaxonomyInvalid, VersionMismatch, CategoryNotFound (its parent), CategoryCycle."""
        ...

    async def drop_category(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> None:
        """Delete it; its products stay without it. Raises CategoryNotFound, CategoryInUse, VersionMismatch."""
        ...

    async def put_collection(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Collection:
        """Create or replace it: manual (``products``), or by ``rule``, applied within seconds.

        Raises TaxonomyInvalid, VersionMismatch.
        """
        ...

    async def drop_collection(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> None:
        """Delete it. Raises CollectionNotFound, VersionMismatch."""
        ...

    async def put_product_type(
        self, caller: Caller, code: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> ProductType:
        """Create or replace it. Existing products are checked at their next write. Raises TaxonomyInvalid, VersionMismatch."""
        ...

    async def drop_product_type(self, caller: Caller, code: str, *, expected_version: int | None = None) -> None:
        """Delete it. Raises ProductTypeNotFound, ProductTypeInUse, VersionMismatch."""
        ...
