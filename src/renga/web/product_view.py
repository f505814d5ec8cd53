"""What a product's page shows: the chosen variant, the ways to choose another, and the offers for search engines."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from renga.catalog.contract import AttributeValue, Product, Variant
from renga.kernel.money import Money
from renga.web.i18n import Translator, localised

#: Most of the catalogue's attributes that a page lists.
FACTS_MAX = 16


class Choice(msgspec.Struct, frozen=True):
    """One value of an option: a link to the variant that has it and is otherwise nearest to the chosen one."""

    text: str
    url: str
    chosen: bool


class Axis(msgspec.Struct, frozen=True):
    """One option of a product (its colour) with the values to choose from."""

    code: str
    label: str
    choices: tuple[Choice, ...]


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    url: str
    sku: str
    title: str
    brand: str | None
    paragraphs: tuple[str, ...]
    image: str | None
    alt: str
    price: Money | None
    axes: tuple[Axis, ...]
    facts: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]


def product_view(product: Product, sku: str | None, currency: str, t: Translator) -> ProductView:
    chosen = choose(product.variants, sku, currency)
    title = localised(product.title, t.language)
    named = [localised(value, t.language) for value in chosen.options.values()]
    url = f"/p/{product.slug}"
    axes = axes_of(product.variants, chosen, url, t)
    return ProductView(
        slug=product.slug,
        url=url,
        sku=chosen.sku,
        title=title,
        brand=product.brand,
        paragraphs=tuple(part for part in localised(product.description, t.language).split("\n") if part.strip()),
        image=chosen.image or product.image,
        alt=", ".join((title, *named)),
        price=Money(chosen.prices[currency], currency) if currency in chosen.prices else None,
        axes=axes,
        facts=_facts(product, chosen, axes, t),
        categories=product.categories,
    )


def choose(variants: Sequence[Variant], sku: str | None, currency: str) -> Variant:
    """The variant that was asked for, else the first that is sold in the currency, else the first."""
    asked = [variant for variant in variants if variant.sku == sku]
    sold = [variant for variant in variants if currency in variant.prices]
    return next(iter([*asked, *sold, *variants]), Variant(sku=""))


def axes_of(variants: Sequence[Variant], chosen: Variant, url: str, t: Translator) -> tuple[Axis, ...]:
    """The options that leave something to choose; what all variants share is a fact, no choice."""
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


def _facts(product: Product, chosen: Variant, axes: Sequence[Axis], t: Translator) -> tuple[tuple[str, str], ...]:
    """What there is to know but not to choose: options without alternatives, then the catalogue's attributes."""
    chosen_from = {axis.code for axis in axes}
    options = [(_label(c, t), localised(v, t.language)) for c, v in chosen.options.items() if c not in chosen_from]
    attributes = [(_plain(name), _fact_text(value, t)) for name, value in product.attributes.items()]
    return (*options, *attributes[:FACTS_MAX])


def _plain(code: str) -> str:
    words = code.replace("_", " ")
    return words[:1].upper() + words[1:]


def _fact_text(value: AttributeValue, t: Translator) -> str:
    if isinstance(value, dict):
        return localised(value, t.language)
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return t("fact.yes") if value else t("fact.no")
    return str(value).replace(".", ",") if isinstance(value, float) and t.language == "pt-BR" else str(value)


def structured_data(product: Product, view: ProductView, language: str, address: str, base: str) -> dict[str, Any]:
    """The product for search engines (schema.org/Product), every variant and currency an offer."""
    offers = [
        {
            "@type": "Offer",
            "sku": variant.sku,
            "price": Money(amount, currency).decimal(),
            "priceCurrency": currency,
            "url": f"{base}{_variant_url(view.url, variant)}",
        }
        for variant in product.variants
        for currency, amount in variant.prices.items()
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
