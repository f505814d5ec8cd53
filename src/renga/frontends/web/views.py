"""View models of listings: product cards and category tiles, in one language and currency."""

from urllib.parse import quote

import msgspec

from renga.domains.catalog.contract import Category, PriceTerms, Product, price_of
from renga.frontends.web.i18n import localised
from renga.kernel.money import Money


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a listing. ``price`` is the lowest, None if it is not sold in the currency."""

    url: str
    title: str
    image: str | None
    price: Money | None
    varies: bool
    choices: int
    compare_at: Money | None = None


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A category in a listing or in the navigation."""

    slug: str
    url: str
    title: str
    description: str
    image: str | None
    parent: str | None


def card_of(product: Product, language: str, terms: PriceTerms, sku: str | None = None) -> Card:
    """``sku`` is the variant to show, if one matches best."""
    chosen = next((variant for variant in product.variants if variant.sku == sku), None)
    prices = [price for variant in product.variants if (price := price_of(variant, terms))]
    shown = price_of(chosen, terms) if chosen else min(prices, key=lambda price: price.amount, default=None)
    images = (chosen.image if chosen else None, product.image, *(variant.image for variant in product.variants))
    return Card(
        url=f"/p/{product.slug}" + (f"?sku={quote(sku, safe='')}" if chosen and sku else ""),
        title=localised(product.title, language),
        image=next((image for image in images if image), None),
        price=Money(shown.amount, terms.currency) if shown else None,
        varies=chosen is None and len({price.amount for price in prices}) > 1,
        choices=len(product.variants),
        compare_at=Money(shown.compare_at, terms.currency) if shown and shown.compare_at else None,
    )


def tile_of(category: Category, language: str) -> Tile:
    return Tile(
        slug=category.slug,
        url=f"/c/{category.slug}",
        title=localised(category.title, language),
        description=localised(category.description, language),
        image=category.image,
        parent=category.parent,
    )
