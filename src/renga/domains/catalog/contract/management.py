"""The merchants' side of the catalogue: products in any state, prices, and the shelves of the whole shop."""

from collections.abc import Mapping
from typing import Any, Protocol

from renga.domains.catalog.contract.catalog import Catalog
from renga.domains.catalog.contract.products import Product, ProductPage, Status
from renga.domains.catalog.contract.taxonomy import Category, Collection, ProductType
from renga.kernel.caller import Caller

#: The scope of the products of one's own merchants.
OWN_PRODUCTS = "catalog:write"
#: The scope of every merchant's products, and of categories, collections and product types.
WHOLE_CATALOGUE = "catalog:manage"


class CatalogManagement(Catalog, Protocol):
    """What merchants and the shop's people do with the catalogue. The caller comes first.

    Products: OWN_PRODUCTS reaches those of the caller's merchants, WHOLE_CATALOGUE every merchant's; so does OWN_PRODUCTS in the
    hands of a program that acts in its own name. What is another merchant's is not found. Categories, collections and product
    types: WHOLE_CATALOGUE. Every method with a caller raises Unauthenticated, InsufficientScope, Unavailable.

    A row is a native one, as ``docs/guides/catalogue.md`` describes it; pictures stand in it as ``image`` and ``media``.
    ``expected_version`` is the one that the writer has seen, 0 for what must be new, None for any. A write that lost races again
    and again raises ProductChanged; then, as after every error, nothing was written.
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
        """``merchant`` may be left out by who has one alone. Who reaches not every merchant names categories that there are.

        Raises SlugTaken, SkuTaken, RowInvalid (also for a merchant that is none of the caller's).
        """
        ...

    async def create_product_once(self, caller: Caller, row: Mapping[str, Any], *, key: str) -> tuple[Product, bool]:
        """As ``create_product``, once for each key of a caller; and whether an earlier call made it.

        Raises IdempotencyConflict too.
        """
        ...

    async def replace_product(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Product:
        """Make the product be as the row says; it is created if it is not there (``version`` is then 1).

        Merchant, status and scheduled prices that the row does not name stay. Raises VersionMismatch, ProductNotFound (another
        merchant's), SkuTaken, RowInvalid.
        """
        ...

    async def patch_product(
        self, caller: Caller, slug: str, changes: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Product:
        """Change what a JSON merge patch (RFC 7396) of the native row names. Raises as ``replace_product``."""
        ...

    async def archive_product(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> Product:
        """Sell it nowhere any more; it is kept for old orders. Raises VersionMismatch, ProductNotFound."""
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
        """Set the price in minor units, now or at a moment to come (RFC 3339); None ends the sale in this currency.

        ``expected_version`` is the product's. Raises UnknownCurrency, PriceOutOfRange, MomentInvalid, TooManyScheduled,
        SkuNotFound, VersionMismatch.
        """
        ...

    async def put_category(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Category:
        """Make it be as the row says. Raises ShelfInvalid, VersionMismatch, CategoryNotFound (its parent), CategoryCycle."""
        ...

    async def drop_category(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> None:
        """Its products stay, without it. Raises CategoryNotFound, CategoryInUse, VersionMismatch."""
        ...

    async def put_collection(
        self, caller: Caller, slug: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> Collection:
        """By hand (``products``) or by ``rule``: then it fills within seconds. Raises ShelfInvalid, VersionMismatch."""
        ...

    async def drop_collection(self, caller: Caller, slug: str, *, expected_version: int | None = None) -> None:
        """Raises CollectionNotFound, VersionMismatch."""
        ...

    async def put_product_type(
        self, caller: Caller, code: str, row: Mapping[str, Any], *, expected_version: int | None = None
    ) -> ProductType:
        """Products that exist are checked when they are written next. Raises ShelfInvalid, VersionMismatch."""
        ...

    async def drop_product_type(self, caller: Caller, code: str, *, expected_version: int | None = None) -> None:
        """Raises ProductTypeNotFound, ProductTypeInUse, VersionMismatch."""
        ...
