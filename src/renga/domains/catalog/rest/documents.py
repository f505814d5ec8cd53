"""What the merchants' REST face takes and answers, as types: rows as they may be sent, and what the catalogue keeps of them.

Rows are read by ``rows/``, which says what is wrong of each field; these types describe what it takes.
"""

import msgspec

from renga.domains.catalog.contract import (
    AttributeType,
    AttributeValue,
    Category,
    Collection,
    Media,
    PricePoint,
    Product,
    ProductType,
    Publication,
    Rule,
    ScheduledPrice,
    Seo,
    Status,
    Texts,
    Variant,
)

#: A text in the row's ``language``, or one per language.
LooseTexts = str | Texts
#: The same in a merge patch: null takes a language away.
PatchedTexts = str | dict[str, str | None]


class ManagedProduct(Product, frozen=True, kw_only=True, omit_defaults=True):
    """A product as its merchant sees it: the native row, and what the catalogue itself keeps. Members at their default are left
    out. Prices are minor units, times RFC 3339 in UTC, weights grams."""

    merchant: str
    status: Status
    channels: tuple[str, ...]
    scheduled: tuple[ScheduledPrice, ...]
    history: tuple[PricePoint, ...]
    due_at: str | None


class ManagedProductsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; ``next`` is the cursor of the following page, null on the last."""

    items: tuple[ManagedProduct, ...]
    next: str | None


class ProductMembers(msgspec.Struct, frozen=True, kw_only=True):
    """What rows and patches of a product have alike."""

    slug: str | None = None
    external_id: str | None = None
    brand: str | None = None
    categories: tuple[str, ...] | None = None
    image: str | None = None
    language: str | None = None
    merchant: str | None = None
    type: str | None = None
    status: Status | None = None
    media: tuple[Media, ...] | None = None
    seo: Seo | None = None
    tax_category: str | None = None
    shipping_class: str | None = None
    publications: tuple[Publication, ...] | None = None
    scheduled: tuple[ScheduledPrice, ...] | None = None


class ProductPatch(ProductMembers, frozen=True, kw_only=True):
    """A merge patch (RFC 7396) of a product's row: null takes a member away, lists are replaced whole."""

    title: PatchedTexts | None = None
    description: PatchedTexts | None = None
    attributes: dict[str, AttributeValue | None] | None = None
    variants: tuple[Variant, ...] | None = None


class ProductRow(ProductMembers, frozen=True, kw_only=True):
    """A product's row: null is as left out. A plain text is in ``language`` (pt-BR if that is left out). What only the catalogue
    sets (``id``, ``version``, ``history`` …) may come back with a row that was read and is not heard."""

    title: LooseTexts
    description: LooseTexts | None = None
    attributes: dict[str, AttributeValue] | None = None
    variants: tuple[Variant, ...]


class ManagedCategory(Category, frozen=True, kw_only=True, omit_defaults=True):
    """A category, whole. Members at their default are left out."""

    version: int


class ManagedCategories(msgspec.Struct, frozen=True, kw_only=True):
    """All categories."""

    items: tuple[ManagedCategory, ...]


class CategoryMembers(msgspec.Struct, frozen=True, kw_only=True):
    """What rows and patches of a category have alike."""

    slug: str | None = None
    position: int | None = None
    parent: str | None = None
    image: str | None = None
    seo: Seo | None = None
    language: str | None = None


class CategoryPatch(CategoryMembers, frozen=True, kw_only=True):
    """A merge patch (RFC 7396) of a category."""

    title: PatchedTexts | None = None
    description: PatchedTexts | None = None


class CategoryRow(CategoryMembers, frozen=True, kw_only=True):
    """A category as it is to be; ``slug``, if it is there, is the one of the address."""

    title: LooseTexts
    description: LooseTexts | None = None


class ManagedCollection(Collection, frozen=True, kw_only=True, omit_defaults=True):
    """A collection, whole. Members at their default are left out."""

    version: int


class ManagedCollections(msgspec.Struct, frozen=True, kw_only=True):
    """All collections."""

    items: tuple[ManagedCollection, ...]


class CollectionMembers(msgspec.Struct, frozen=True, kw_only=True):
    """What rows and patches of a collection have alike."""

    slug: str | None = None
    image: str | None = None
    seo: Seo | None = None
    rule: Rule | None = None
    products: tuple[str, ...] | None = None
    language: str | None = None


class CollectionPatch(CollectionMembers, frozen=True, kw_only=True):
    """A merge patch (RFC 7396) of a collection."""

    title: PatchedTexts | None = None
    description: PatchedTexts | None = None


class CollectionRow(CollectionMembers, frozen=True, kw_only=True):
    """A collection as it is to be: gathered by ``rule``, or by hand in ``products``."""

    title: LooseTexts
    description: LooseTexts | None = None


class ManagedProductType(ProductType, frozen=True, kw_only=True, omit_defaults=True):
    """A product type, whole. Members at their default are left out."""

    version: int


class ManagedProductTypes(msgspec.Struct, frozen=True, kw_only=True):
    """All product types."""

    items: tuple[ManagedProductType, ...]


class ProductTypeMembers(msgspec.Struct, frozen=True, kw_only=True):
    """What rows and patches of a product type have alike."""

    code: str | None = None
    attributes: tuple[AttributeType, ...] | None = None
    language: str | None = None


class ProductTypePatch(ProductTypeMembers, frozen=True, kw_only=True):
    """A merge patch (RFC 7396) of a product type."""

    title: PatchedTexts | None = None


class ProductTypeRow(ProductTypeMembers, frozen=True, kw_only=True):
    """A product type as it is to be; ``code``, if it is there, is the one of the address."""

    title: LooseTexts
