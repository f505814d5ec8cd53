"""What other domains may ask of the catalogue: products for pages, offers for carts. Prices are minor units."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.kernel.errors import Invalid, NotFound

#: A text per language tag (BCP 47): ``{"pt-BR": "Caneca", "en": "Mug"}``.
Texts = dict[str, str]

#: Most products on one page and most skus in one call of ``offers``.
PAGE_MAX = 100
OFFERS_MAX = 500


class ProductNotFound(NotFound):
    code = "product_not_found"
    title = "There is no such product"


class CategoryNotFound(NotFound):
    code = "category_not_found"
    title = "There is no such category"


class CursorInvalid(Invalid):
    code = "cursor_invalid"
    title = "This cursor was not made by this list"


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What is bought: one sku. ``options`` tell it from its siblings (code to localised value); ``prices`` per currency."""

    sku: str
    options: dict[str, Texts] = {}
    gtin: str | None = None
    prices: dict[str, int] = {}
    image: str | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product with its variants. ``version`` grows by one with each change; times are RFC 3339."""

    id: str
    slug: str
    version: int
    title: Texts
    description: Texts = {}
    brand: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    variants: tuple[Variant, ...] = ()
    attributes: dict[str, str | int | float | bool] = {}
    created_at: str
    updated_at: str


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf of the shop; ``parent`` is the slug of the one above it, ``position`` orders siblings."""

    slug: str
    title: Texts
    description: Texts = {}
    position: int = 0
    parent: str | None = None
    image: str | None = None


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of products; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[Product, ...]
    next: str | None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A sku as a cart needs it: what it is called, what it costs now, where its page and picture are.

    ``prices`` maps a currency of ISO 4217 to minor units; a currency that is missing is not sold in.
    """

    sku: str
    slug: str
    title: Texts
    options: dict[str, Texts] = {}
    prices: dict[str, int]
    image: str | None
    product_version: int


class Catalog(Protocol):
    """The catalogue as other domains see it. Every method raises ``Unavailable`` when the store is away."""

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        """Fresh offers of up to OFFERS_MAX skus, in one round trip; an unknown sku is simply absent."""
        ...

    async def products(self, *, limit: int = 20, cursor: str | None = None, category: str | None = None) -> ProductPage:
        """Products, newest first (stable under inserts), ``limit`` from 1 to PAGE_MAX.

        Raises CursorInvalid, CategoryNotFound, Invalid (limit).
        """
        ...

    async def product(self, slug: str) -> Product:
        """One product by slug. Raises ProductNotFound."""
        ...

    async def categories(self) -> tuple[Category, ...]:
        """All categories by position, then slug."""
        ...
