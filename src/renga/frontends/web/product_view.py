"""View model of the product page: the selected variant, links to others, and structured data for search engines."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from renga.domains.catalog.contract import (
    LOWEST_DAYS,
    AttributeType,
    AttributeValue,
    Price,
    PriceTerms,
    Product,
    ProductType,
    Variant,
    amount_per_base,
    last_point,
    lowest_price,
    price_of,
)
from renga.frontends.web.formats import plain_number_text
from renga.frontends.web.i18n import Translator, localised
from renga.kernel.clock import DAY_MS, from_rfc3339, rfc3339
from renga.kernel.money import Money

#: Most attributes listed on a page.
FACTS_MAX = 16
#: Most pictures besides the large one.
PICTURES_MAX = 8


class Choice(msgspec.Struct, frozen=True):
    """One value of an option: a link to the variant that has it and otherwise differs least from the selected one."""

    text: str
    url: str
    chosen: bool


class Axis(msgspec.Struct, frozen=True):
    """One option of a product (such as colour) with its values."""

    code: str
    label: str
    choices: tuple[Choice, ...]


class PictureView(msgspec.Struct, frozen=True):
    """An additional picture of the product."""

    url: str
    alt: str


class ProductDetails(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    url: str
    sku: str
    title: str
    brand: str | None
    paragraphs: tuple[str, ...]
    image: str | None
    alt: str
    price: Money | None
    compare_at: Money | None
    lowest: Money | None
    per_unit: tuple[Money, str] | None
    available: str
    pictures: tuple[PictureView, ...]
    axes: tuple[Axis, ...]
    facts: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]


def product_view(
    product: Product,
    sku: str | None,
    terms: PriceTerms,
    t: Translator,
    *,
    types: Sequence[ProductType] = (),
) -> ProductDetails:
    """``terms`` are those of the prices; ``types`` define the product's attributes."""
    currency = terms.currency
    chosen = choose(product.variants, sku, currency)
    price = price_of(chosen, terms)
    title = localised(product.title, t.language)
    named = [localised(value, t.language) for value in chosen.options.values()]
    url = f"/p/{product.slug}"
    axes = axes_of(product.variants, chosen, url, t)
    return ProductDetails(
        slug=product.slug,
        url=url,
        sku=chosen.sku,
        title=title,
        brand=product.brand,
        paragraphs=tuple(part for part in localised(product.description, t.language).split("\n") if part.strip()),
        image=chosen.image or product.image,
        alt=", ".join((title, *named)),
        price=Money(price.amount, currency) if price else None,
        compare_at=Money(price.compare_at, currency) if price and price.compare_at else None,
        lowest=_lowest(product, chosen.sku, terms) if price and price.compare_at else None,
        per_unit=_per_unit(price, chosen, t),
        available=chosen.availability,
        pictures=_pictures(product, t.language),
        axes=axes,
        facts=_facts(product, chosen, axes, t, types),
        categories=product.categories,
    )


def choose(variants: Sequence[Variant], sku: str | None, currency: str) -> Variant:
    """The requested variant, else the first one sold in the currency, else the first."""
    asked = [variant for variant in variants if variant.sku == sku]
    sold = [variant for variant in variants if currency in variant.prices]
    return next(iter([*asked, *sold, *variants]), Variant(sku=""))


def axes_of(variants: Sequence[Variant], chosen: Variant, url: str, t: Translator) -> tuple[Axis, ...]:
    """The options with more than one value; an option with one value is listed as a fact."""
    codes = dict.fromkeys(code for variant in variants for code in variant.options)
    if not codes and len(variants) > 1:
        by_sku = tuple(Choice(v.sku, _variant_url(url, v), v.sku == chosen.sku) for v in variants)
        return (Axis("sku", t("product.variant"), by_sku),)
    axes = [Axis(code, _label(code, t), _choices(code, variants, chosen, url, t)) for code in codes]
    return tuple(axis for axis in axes if len(axis.choices) > 1)


def _choices(code: str, variants: Sequence[Variant], chosen: Variant, url: str, t: Translator) -> tuple[Choice, ...]:
    nearest: dict[str, Variant] = {}
    for variant in variants:
        value = localised(variant.options.get(code, {}), t.language)
        best = nearest.get(value)
        if value and (best is None or _likeness(variant, chosen) > _likeness(best, chosen)):
            nearest[value] = variant
    here = localised(chosen.options.get(code, {}), t.language)
    return tuple(Choice(value, _variant_url(url, variant), value == here) for value, variant in nearest.items())


def _likeness(variant: Variant, chosen: Variant) -> int:
    return sum(variant.options.get(code) == value for code, value in chosen.options.items())


def _variant_url(url: str, variant: Variant) -> str:
    return f"{url}?sku={quote(variant.sku, safe='')}"


def _label(code: str, t: Translator) -> str:
    key = f"option.{code}"
    return t(key) if key in t else _plain(code)


def _per_unit(price: Price | None, variant: Variant, t: Translator) -> tuple[Money, str] | None:
    """The price of a kg, l, m … (Directive 98/6/EC, article 3), and the unit's name."""
    if price is None or variant.measure is None:
        return None
    amount, per = amount_per_base(price.amount, variant.measure)
    return Money(amount, price.currency), t(f"unit.{per}")


def _lowest(product: Product, sku: str, terms: PriceTerms) -> Money | None:
    """The lowest price of the 30 days before a reduction, shown beside it (Directive 98/6/EC, article 6a)."""
    currency = terms.currency
    point = last_point(product, sku, currency)
    until = point.at if point else terms.at
    since = rfc3339(from_rfc3339(until) - LOWEST_DAYS * DAY_MS)
    amount = lowest_price(product, sku, currency, since=since, until=until)
    return None if amount is None else Money(amount, currency)


def _pictures(product: Product, language: str) -> tuple[PictureView, ...]:
    """The product's pictures except the first, which is shown large."""
    images = [one for one in product.media if one.kind == "image" and one.url != product.image]
    return tuple(PictureView(one.url, localised(one.alt, language)) for one in images[:PICTURES_MAX])


def _facts(
    product: Product, chosen: Variant, axes: Sequence[Axis], t: Translator, types: Sequence[ProductType]
) -> tuple[tuple[str, str], ...]:
    """Facts: options with a single value, then the catalogue's attributes."""
    chosen_from = {axis.code for axis in axes}
    options = [(_label(c, t), localised(v, t.language)) for c, v in chosen.options.items() if c not in chosen_from]
    known = {a.code: a for one in types if one.code == product.type for a in one.attributes}
    attributes = [_fact(name, value, known.get(name), t) for name, value in product.attributes.items()]
    return (*options, *attributes[:FACTS_MAX])


def _plain(code: str) -> str:
    words = code.replace("_", " ")
    return words[:1].upper() + words[1:]


def _fact(name: str, value: AttributeValue, known: AttributeType | None, t: Translator) -> tuple[str, str]:
    """An attribute's name and value as labelled by the product type, else unchanged."""
    label = localised(known.title, t.language) if known else ""
    if known and known.kind == "enum":
        titles = {option.code: localised(option.title, t.language) for option in known.options}
        codes = value if isinstance(value, list) else [str(value)]
        return label or _plain(name), ", ".join(titles.get(code) or code for code in codes)
    text = _fact_text(value, t)
    return label or _plain(name), f"{text}\u00a0{known.unit}" if known and known.unit else text


def _fact_text(value: AttributeValue, t: Translator) -> str:
    if isinstance(value, bool):
        return t("fact.yes") if value else t("fact.no")
    if isinstance(value, dict):
        return localised(value, t.language)
    if isinstance(value, list):
        return ", ".join(value)
    return plain_number_text(value, t.language) if isinstance(value, float) else str(value)


#: schema.org/ItemAvailability
_AVAILABILITY = {
    "in_stock": "InStock",
    "out_of_stock": "OutOfStock",
    "preorder": "PreOrder",
    "backorder": "BackOrder",
}


def structured_data(
    product: Product, view: ProductDetails, language: str, address: str, base: str, *, now_ms: int
) -> dict[str, Any]:
    """The product as schema.org/Product, with an offer per variant and currency at a guest's price."""
    offers = [
        {
            "@type": "Offer",
            "sku": variant.sku,
            "price": Money(price.amount, currency).decimal(),
            "priceCurrency": currency,
            "availability": f"https://schema.org/{_AVAILABILITY[variant.availability]}",
            "url": f"{base}{_variant_url(view.url, variant)}",
        }
        for variant in product.variants
        for currency in variant.prices
        if (price := price_of(variant, PriceTerms(currency=currency, at=rfc3339(now_ms))))
    ]
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": view.title,
        "description": " ".join(view.paragraphs),
        "inLanguage": language,
        "sku": view.sku,
        "url": address,
        "offers": offers,
    }
    if view.image:
        data["image"] = absolute(view.image, base)
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand}
    gtin = next((variant.gtin for variant in product.variants if variant.sku == view.sku), None)
    return data | ({"gtin": gtin} if gtin else {})


def absolute(address: str, base: str) -> str:
    return address if "://" in address else f"{base}{address}"
