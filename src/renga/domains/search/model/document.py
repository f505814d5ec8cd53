"""Pure: the indexed document of a product, made of the product, its categories with ancestors, and its product type."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from renga.domains.catalog.contract import EVERYWHERE as EVERYWHERE
from renga.domains.catalog.contract import AttributeType, Category, PriceTerms, Product, ProductType, price_of
from renga.domains.search.model.folding import LANGUAGES, key_of, primary, text_for

#: Limits of one document: text and values beyond them are not indexed.
BODY_CHARS_MAX = 4_000
WORDS_CHARS_MAX = 4_000
VALUES_MAX = 400
NUMBERS_MAX = 200
VALUE_CHARS_MAX = 80
SKUS_MAX = 200


class LanguageText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product's texts in one language: title; words (brand, categories, options, attributes); body (the rest)."""

    title: str
    words: str = ""
    body: str = ""


class FacetValue(msgspec.Struct, frozen=True, array_like=True):
    """A facet value. ``language`` is the primary subtag of its language, empty for all."""

    facet: str
    value: str
    language: str = ""


class FacetNumber(msgspec.Struct, frozen=True, array_like=True):
    """A facet number, in the unit of its attribute."""

    facet: str
    number: float


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product as an index stores it. ``version`` is the product's: a document never overwrites a later version.

    ``texts``      by primary language subtag (``pt``, ``en``, others)
    ``titles``     by language tag, for display
    ``keys``       folded skus, GTINs and part numbers → the variant's sku
    ``prices``     lowest price per currency, minor units
    ``channels``   where it is sold (``*``: everywhere)
    ``values``     brand, category (with ancestors), merchant, type, availability, options, attributes
    ``popularity`` from 0 (no demand) to 1; ``available`` whether any variant is in stock
    """

    product_id: str
    version: int
    slug: str
    texts: dict[str, LanguageText]
    titles: dict[str, str] = {}
    image: str | None = None
    brand: str | None = None
    keys: dict[str, str] = {}
    channels: tuple[str, ...] = ()
    prices: dict[str, int] = {}
    values: tuple[FacetValue, ...] = ()
    numbers: tuple[FacetNumber, ...] = ()
    popularity: float = 0.0
    available: bool = True
    created_at: str = ""


class TaxonomyTexts(msgspec.Struct, frozen=True):
    """Categories by slug and product types by code."""

    categories: Mapping[str, Category]
    types: Mapping[str, ProductType]

    @classmethod
    def of(cls, categories: Iterable[Category], types: Iterable[ProductType]) -> "TaxonomyTexts":
        return cls({one.slug: one for one in categories}, {one.code: one for one in types})

    def upwards(self, slugs: Iterable[str]) -> list[str]:
        """The categories and all their ancestors."""
        found: dict[str, None] = {}
        for slug in slugs:
            at: str | None = slug
            while at is not None and at not in found:
                found[at] = None
                category = self.categories.get(at)
                at = category.parent if category else None
        return list(found)


def document_of(product: Product, taxonomy: TaxonomyTexts, *, popularity: float = 0.0) -> Document:
    """The document of a product that is sold somewhere."""
    known = taxonomy.types.get(product.type or "")
    types = {one.code: one for one in known.attributes} if known else {}
    slugs = taxonomy.upwards(product.categories)
    return Document(
        product_id=product.id,
        version=product.version,
        slug=product.slug,
        texts={tag: _texts(product, tag, slugs, taxonomy, types) for tag in _languages(product)},
        titles=product.title,
        image=product.image or next((v.image for v in product.variants if v.image), None),
        brand=product.brand,
        keys=_keys(product),
        channels=product.channels,
        prices=_prices(product),
        values=tuple(dict.fromkeys(_values(product, slugs, types)))[:VALUES_MAX],
        numbers=tuple(dict.fromkeys(_numbers(product, types)))[:NUMBERS_MAX],
        popularity=popularity,
        available=any(variant.availability != "out_of_stock" for variant in product.variants),
        created_at=product.created_at,
    )


def _languages(product: Product) -> list[str]:
    """The languages of the product's texts."""
    return list(dict.fromkeys(primary(tag) for tag in product.title)) or [LANGUAGES[0]]


def _texts(
    product: Product, tag: str, slugs: Sequence[str], taxonomy: TaxonomyTexts, types: Mapping[str, AttributeType]
) -> LanguageText:
    words = [product.brand or ""]
    words += [text_for(taxonomy.categories[slug].title, tag) for slug in slugs if slug in taxonomy.categories]
    for variant in product.variants[:SKUS_MAX]:
        words += [text_for(value, tag) for value in variant.options.values()]
    words += [text for name, value in product.attributes.items() for text in _attribute(name, value, tag, types)]
    return LanguageText(
        title=text_for(product.title, tag),
        words=" ".join(dict.fromkeys(filter(None, words)))[:WORDS_CHARS_MAX],
        body=text_for(product.description, tag)[:BODY_CHARS_MAX] if product.description else "",
    )


def _attribute(name: str, value: Any, tag: str, types: Mapping[str, AttributeType]) -> Iterator[str]:
    """The words of an attribute: its text; its name if it is true."""
    known = types.get(name)
    label = text_for(known.title, tag) if known and known.title else name.replace("_", " ")
    if isinstance(value, bool):
        if value:
            yield label
    elif isinstance(value, dict):
        yield text_for(value, tag)
    elif isinstance(value, list | str):
        options = {option.code: text_for(option.title, tag) for option in known.options} if known else {}
        for one in [value] if isinstance(value, str) else value:
            yield options.get(one) or one
    elif known and known.unit:
        yield f"{value:g} {known.unit}"


def _keys(product: Product) -> dict[str, str]:
    keys: dict[str, str] = {}
    for variant in product.variants[:SKUS_MAX]:
        for text in (variant.sku, variant.gtin):
            if text and (key := key_of(text)):
                keys.setdefault(key, variant.sku)
    mpn = product.attributes.get("mpn")
    if isinstance(mpn, str) and product.variants and (key := key_of(mpn)):
        keys.setdefault(key, product.variants[0].sku)
    return keys


def _prices(product: Product) -> dict[str, int]:
    least: dict[str, int] = {}
    for variant in product.variants:
        currencies = {*variant.prices, *(entry.currency for entry in variant.price_list)}
        for currency in currencies:
            price = price_of(variant, PriceTerms(currency=currency, at=product.updated_at))
            if price is not None:
                least[currency] = min(price.amount, least.get(currency, price.amount))
    return least


def _values(product: Product, slugs: Sequence[str], types: Mapping[str, AttributeType]) -> Iterator[FacetValue]:
    if product.brand:
        yield FacetValue("brand", product.brand)
    for slug in slugs:
        yield FacetValue("category", slug)
    yield FacetValue("merchant", product.merchant)
    if product.type:
        yield FacetValue("type", product.type)
    for variant in product.variants:
        yield FacetValue("availability", variant.availability)
        for code, texts in variant.options.items():
            yield from _localised(f"option.{code}", texts)
    for name, value in product.attributes.items():
        yield from _attribute_values(name, value, types.get(name))


def _attribute_values(name: str, value: Any, known: AttributeType | None) -> Iterator[FacetValue]:
    if known is not None and not known.facet:
        return
    facet = f"attribute.{name}"
    if isinstance(value, bool):
        yield FacetValue(facet, "true" if value else "false")
    elif isinstance(value, dict):
        yield from _localised(facet, value)
    elif isinstance(value, str | list):
        for one in [value] if isinstance(value, str) else value:
            if 0 < len(one) <= VALUE_CHARS_MAX:
                yield FacetValue(facet, one)


def _localised(facet: str, texts: dict[str, str]) -> Iterator[FacetValue]:
    """One value if all languages have the same text, else one per language."""
    said = {tag: text_for(texts, tag) for tag in dict.fromkeys((*LANGUAGES, *map(primary, texts)))}
    if len(set(said.values())) == 1:
        said = {"": next(iter(said.values()))}
    for tag, text in said.items():
        if 0 < len(text) <= VALUE_CHARS_MAX:
            yield FacetValue(facet, text, tag)


def _numbers(product: Product, types: Mapping[str, AttributeType]) -> Iterator[FacetNumber]:
    for name, value in product.attributes.items():
        known = types.get(name)
        if known is not None and not known.facet:
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield FacetNumber(f"attribute.{name}", float(value))
