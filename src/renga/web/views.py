"""What listings show: cards of products and tiles of categories, in one language and currency."""

import msgspec

from renga.catalog.contract import Category, Product
from renga.kernel.money import Money
from renga.web.i18n import localised


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a listing. ``price`` is its lowest, None when it is not sold in the currency."""

    url: str
    title: str
    image: str | None
    price: Money | None
    varies: bool
    choices: int


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A category in a listing or in the navigation."""

    slug: str
    url: str
    title: str
    description: str
    image: str | None
    parent: str | None


def card_of(product: Product, language: str, currency: str) -> Card:
    amounts = {variant.prices[currency] for variant in product.variants if currency in variant.prices}
    images = (product.image, *(variant.image for variant in product.variants))
    return Card(
        url=f"/p/{product.slug}",
        title=localised(product.title, language),
        image=next((image for image in images if image), None),
        price=Money(min(amounts), currency) if amounts else None,
        varies=len(amounts) > 1,
        choices=len(product.variants),
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
