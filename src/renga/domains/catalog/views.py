"""Response types of the public REST API: products in one language, prices as money."""

from collections.abc import Sequence

import msgspec

from renga.domains.catalog.contract import AttributeValue, Category, Product, Variant
from renga.kernel.languages import choose, text_in
from renga.kernel.money import Money


class VariantView(msgspec.Struct, frozen=True, kw_only=True):
    """One sku: ``options`` distinguish it from the other variants, ``prices`` has one amount per currency."""

    sku: str
    options: dict[str, str]
    gtin: str | None
    prices: list[Money]
    image: str | None


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """A product in ``language``; ``version`` grows by one with each change."""

    id: str
    slug: str
    version: int
    language: str
    title: str
    description: str | None
    brand: str | None
    categories: tuple[str, ...]
    image: str | None
    variants: list[VariantView]
    attributes: dict[str, str | int | float | bool | list[str]]
    created_at: str
    updated_at: str


class ProductPageView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of products; ``next`` is the cursor of the following page, null on the last."""

    items: list[ProductView]
    next: str | None


class CategoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A category in ``language``; ``parent`` is the slug of its parent category."""

    slug: str
    language: str
    title: str
    description: str | None
    position: int
    parent: str | None
    image: str | None


class CategoriesView(msgspec.Struct, frozen=True, kw_only=True):
    items: list[CategoryView]


def product_view(product: Product, preferred: Sequence[str]) -> ProductView:
    language = choose(product.title, preferred) or ""
    first = (language.lower(), *preferred)
    return ProductView(
        id=product.id,
        slug=product.slug,
        version=product.version,
        language=language,
        title=product.title.get(language, product.slug),
        description=text_in(product.description, first),
        brand=product.brand,
        categories=product.categories,
        image=product.image,
        variants=[_variant_view(variant, first) for variant in product.variants],
        attributes={name: _plain(value, first) for name, value in product.attributes.items()},
        created_at=product.created_at,
        updated_at=product.updated_at,
    )


def _plain(value: AttributeValue, preferred: Sequence[str]) -> str | int | float | bool | list[str]:
    return text_in(value, preferred) or "" if isinstance(value, dict) else value


def category_view(category: Category, preferred: Sequence[str]) -> CategoryView:
    language = choose(category.title, preferred) or ""
    return CategoryView(
        slug=category.slug,
        language=language,
        title=category.title.get(language, category.slug),
        description=text_in(category.description, (language.lower(), *preferred)),
        position=category.position,
        parent=category.parent,
        image=category.image,
    )


def _variant_view(variant: Variant, preferred: Sequence[str]) -> VariantView:
    return VariantView(
        sku=variant.sku,
        options={code: text_in(texts, preferred) or "" for code, texts in variant.options.items()},
        gtin=variant.gtin,
        prices=[Money(amount, currency) for currency, amount in sorted(variant.prices.items())],
        image=variant.image,
    )
