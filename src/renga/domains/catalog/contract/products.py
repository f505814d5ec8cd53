"""Products, variants and all that hangs on them. Prices are minor units, times RFC 3339 in UTC, weights grams."""

from typing import Literal

import msgspec

#: A text per language tag (BCP 47): ``{"pt-BR": "Caneca", "en": "Mug"}``.
Texts = dict[str, str]

#: The value of one attribute. A text that is the same in every language, a number in the unit that the product type names,
#: true or false, texts per language, or (only for enums that allow several) a list of codes. Enums are codes, dates
#: ``2026-11-25``, references slugs of products: the product type says which of these a text is.
AttributeValue = str | int | float | bool | Texts | list[str]

#: Draft: only its merchant sees it. Active: sold where its publications say. Archived: kept for old orders, never sold again
#: unless someone makes it active.
Status = Literal["draft", "active", "archived"]

#: What the merchant declares; counting stock is another domain's.
Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]

#: The merchant of goods that are the shop's own.
HOUSE = "house"

#: The channel that is meant where nobody names one, and the mark of a product that is sold in every channel.
DEFAULT_CHANNEL = "web"
EVERYWHERE = "*"
IN_ALL_CHANNELS = (EVERYWHERE,)


class Media(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture, film or document. ``width`` and ``height`` are pixels; ``alt`` says what is to be seen."""

    url: str
    kind: Literal["image", "video", "document"] = "image"
    alt: Texts = {}
    width: int | None = None
    height: int | None = None


class Seo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What search engines are told instead of title and description."""

    title: Texts = {}
    description: Texts = {}


#: The one empty Seo: what is the very same as a default is left out of a stored document.
NO_SEO = Seo()


class Publication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a product is sold, from when, and until when (exclusive)."""

    channel: str
    from_at: str | None = None
    until_at: str | None = None


class ListPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price that holds under conditions: all that are named must be met. ``compare_at`` is shown struck through.

    ``min_quantity`` makes a quantity break; ``from_at`` and ``until_at`` (exclusive) bound the time.
    """

    currency: str
    amount: int
    compare_at: int | None = None
    channel: str | None = None
    group: str | None = None
    min_quantity: int = 1
    from_at: str | None = None
    until_at: str | None = None


class ScheduledPrice(msgspec.Struct, frozen=True, kw_only=True):
    """At ``at`` the price of ``sku`` becomes ``amount`` (None: it is no longer sold in this currency)."""

    sku: str
    currency: str
    amount: int | None
    at: str


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Since ``at`` the price of ``sku`` was ``amount``, until the next point of the same sku and currency."""

    sku: str
    currency: str
    amount: int | None
    at: str


class BundlePart(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a bundle: so many of another sku."""

    sku: str
    quantity: int = 1


class Variant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is bought: one sku. ``options`` tell it from its siblings (code to localised value); ``prices`` per currency.

    ``compare_at``    the price to strike through, per currency
    ``price_list``    prices under conditions; see ``price_of``
    ``bundle``        what it is made of, if it is a bundle
    ``digital``       nothing is shipped
    """

    sku: str
    options: dict[str, Texts] = {}
    gtin: str | None = None
    prices: dict[str, int] = {}
    image: str | None = None
    compare_at: dict[str, int] = {}
    price_list: tuple[ListPrice, ...] = ()
    weight_g: int | None = None
    availability: Availability = "in_stock"
    bundle: tuple[BundlePart, ...] = ()
    digital: bool = False


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product with its variants. ``version`` grows by one with each change; times are RFC 3339.

    ``type``          code of its product type, None for one with free attributes
    ``media``         pictures and films; ``image`` is the first picture
    ``publications``  empty: sold in every channel while it is active
    ``channels``      where it is sold now (``*``: everywhere; empty: nowhere), as of ``updated_at`` or the last due moment
    ``scheduled``     price changes to come, earliest first
    ``history``       what a guest paid in the last 30 days and last before, oldest first; a price that never changed has no point
    ``due_at``        when the next of its dates (publication, price) comes; the catalogue then makes a new version of it
    """

    id: str
    slug: str
    version: int
    title: Texts
    description: Texts = {}
    brand: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None
    variants: tuple[Variant, ...] = ()
    attributes: dict[str, AttributeValue] = {}
    created_at: str
    updated_at: str
    merchant: str = HOUSE
    type: str | None = None
    status: Status = "active"
    media: tuple[Media, ...] = ()
    seo: Seo = NO_SEO
    tax_category: str | None = None
    shipping_class: str | None = None
    publications: tuple[Publication, ...] = ()
    channels: tuple[str, ...] = IN_ALL_CHANNELS
    scheduled: tuple[ScheduledPrice, ...] = ()
    history: tuple[PricePoint, ...] = ()
    due_at: str | None = None


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of products; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[Product, ...]
    next: str | None


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sku as a cart needs it: what it is called, what it costs now, where its page and picture are.

    ``prices`` maps a currency of ISO 4217 to minor units; a currency that is missing is not sold in. They are what one piece
    costs a guest in the default channel now, prices with dates included. A sku that is sold nowhere has no offer.
    """

    sku: str
    slug: str
    title: Texts
    options: dict[str, Texts] = {}
    prices: dict[str, int]
    image: str | None
    product_version: int
    merchant: str = HOUSE
    tax_category: str | None = None
    shipping_class: str | None = None
    weight_g: int | None = None
    digital: bool = False


def sold_in(product: Product, channel: str) -> bool:
    """Is the product sold in this channel now?"""
    return EVERYWHERE in product.channels or channel in product.channels
