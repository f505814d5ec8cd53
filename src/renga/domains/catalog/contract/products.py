"""Products, variants and their parts. Prices are minor units, times RFC 3339 in UTC, weights grams."""

from typing import Literal

import msgspec

from renga.kernel.identifiers import Identifier

#: A text per language tag (BCP 47): ``{"pt-BR": "Caneca", "en": "Mug"}``.
Texts = dict[str, str]

#: The value of one attribute: a text without language, a number in the unit of the product type, true or false, texts per
#: language, or (only for ``multiple`` enums) a list of codes. A text may be an enum's code, a date ``2026-11-25`` or the slug
#: of a product; the product type defines which.
AttributeValue = str | int | float | bool | Texts | list[str]

#: Draft: visible to its merchant only. Active: sold according to its publications. Archived: kept for old orders, not sold.
Status = Literal["draft", "active", "archived"]

#: Units of what one piece contains, for the price per kg, l, m …
MeasureUnit = Literal["g", "kg", "ml", "l", "m", "m2", "piece"]

#: Declared by the merchant; stock levels belong to another domain.
Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]

#: The merchant id of the shop's own products.
SHOP_MERCHANT = "house"

#: The default channel, and the value for "sold in every channel".
DEFAULT_CHANNEL = "web"
EVERYWHERE = "*"
IN_ALL_CHANNELS = (EVERYWHERE,)


class Media(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture, film or document. ``width`` and ``height`` are pixels; ``alt`` is the alternative text."""

    url: str
    kind: Literal["image", "video", "document"] = "image"
    alt: Texts = {}
    width: int | None = None
    height: int | None = None


class Seo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Title and description for search engines, in place of the product's."""

    title: Texts = {}
    description: Texts = {}


#: The one empty Seo: msgspec omits a member if it is the same object as its default.
NO_SEO = Seo()


class Publication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a product is sold, from when, and until when (exclusive)."""

    channel: str
    from_at: str | None = None
    until_at: str | None = None


class ListPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price with conditions; every condition that is set must be met. ``compare_at`` is shown struck through.

    ``min_quantity`` is for quantity discounts; ``from_at`` and ``until_at`` (exclusive) limit the time.
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
    """At ``at`` the price of ``sku`` becomes ``amount`` (None: no longer sold in this currency)."""

    sku: Identifier
    currency: str
    amount: int | None
    at: str


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Since ``at`` the price of ``sku`` was ``amount``, until the next point of the same sku and currency."""

    sku: Identifier
    currency: str
    amount: int | None
    at: str


class BundlePart(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a bundle: a quantity of another sku."""

    sku: Identifier
    quantity: int = 1


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What one piece contains: 250 ``g``. At most three decimals."""

    amount: int | float
    unit: MeasureUnit


class Variant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sku. ``options`` distinguish it from the other variants (code to localised value); ``prices`` per currency.

    ``compare_at``    the price to show struck through, per currency
    ``price_list``    prices with conditions; see ``price_of``
    ``bundle``        its parts, if it is a bundle
    ``digital``       nothing is shipped
    ``measure``       what one piece contains
    ``cost``          what its merchant pays for one, per currency; only its merchant and managers see it (``without_costs``)
    """

    sku: Identifier
    options: dict[str, Texts] = {}
    gtin: Identifier | None = None
    prices: dict[str, int] = {}
    image: str | None = None
    compare_at: dict[str, int] = {}
    price_list: tuple[ListPrice, ...] = ()
    weight_g: int | None = None
    availability: Availability = "in_stock"
    bundle: tuple[BundlePart, ...] = ()
    digital: bool = False
    measure: Measure | None = None
    cost: dict[str, int] = {}


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product with its variants. ``version`` grows by one with each change; times are RFC 3339.

    ``type``          code of its product type, None: free attributes
    ``media``         pictures and films; ``image`` is the first picture
    ``publications``  empty: sold in every channel while it is active
    ``channels``      where it is sold (``*``: everywhere; empty: nowhere), as of ``updated_at``
    ``scheduled``     future price changes, earliest first
    ``history``       a guest's prices of the last 30 days and the last one before, oldest first; no point if it never changed
    ``tax_code``      code of a tax system (NCM, HS, a provider's); ``tax_category`` is a key of the shop's own tables
    ``due_at``        its next date (publication, price); the catalogue then makes a new version of it
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
    merchant: str = SHOP_MERCHANT
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
    tax_code: str | None = None


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of products; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[Product, ...]
    next: str | None


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sku as carts and pricing need it. A sku that is sold nowhere has no offer.

    ``prices``        of one piece for a guest in the default channel now, dated prices included: ISO 4217 currency to minor
                      units; a missing currency means that it is not sold in it
    ``plain_prices``  prices without conditions, per currency; only if there is a ``price_list``, else they are ``prices``
    ``price_list``    all prices with conditions, those of other times too; see ``price_rows``
    ``compare_at``    the price to show struck through, per currency
    ``publications``, ``channels``  where it is sold, as in a product; see ``sold_in``
    ``availability``  declared by the merchant
    ``bundle``        its parts, if it is a bundle
    ``cost``          as in a variant; in fresh offers only, and never to be shown
    """

    sku: str
    slug: str
    title: Texts
    options: dict[str, Texts] = {}
    prices: dict[str, int]
    image: str | None
    product_version: int
    product_id: str = ""
    brand: str | None = None
    categories: tuple[str, ...] = ()
    merchant: str = SHOP_MERCHANT
    tax_category: str | None = None
    shipping_class: str | None = None
    weight_g: int | None = None
    digital: bool = False
    plain_prices: dict[str, int] = {}
    price_list: tuple[ListPrice, ...] = ()
    compare_at: dict[str, int] = {}
    publications: tuple[Publication, ...] = ()
    channels: tuple[str, ...] = IN_ALL_CHANNELS
    availability: Availability = "in_stock"
    bundle: tuple[BundlePart, ...] = ()
    tax_code: str | None = None
    measure: Measure | None = None
    cost: dict[str, int] = {}


def sold_in(item: Product | Offer, channel: str) -> bool:
    """Is it sold in this channel now?"""
    return EVERYWHERE in item.channels or channel in item.channels
