"""Request and response types of the management API: rows as they may be sent, and the stored resources.

They describe the documents for OpenAPI; ``rows/`` reads and validates the rows.
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
from renga.kernel.identifiers import Identifier

#: A text in the row's ``language``, or one per language.
LooseTexts = str | Texts
#: The same in a merge patch: null removes a language.
PatchedTexts = str | dict[str, str | None]


class ManagedProduct(Product, frozen=True, kw_only=True, omit_defaults=True):
    """A product as its merchant sees it: the native row and the members set by the catalogue. Members at their default are
    omitted. Prices are minor units, times RFC 3339 in UTC, weights grams."""

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
    """Members that rows and patches of a product share."""

    slug: str | None = None
    external_id: Identifier | None = None
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
    tax_code: str | None = None


class ProductPatch(ProductMembers, frozen=True, kw_only=True):
    """A merge patch (RFC 7396) of a product's row: null removes a member, lists are replaced as a whole."""

    title: PatchedTexts | None = None
    description: PatchedTexts | None = None
    attributes: dict[str, AttributeValue | None] | None = None
    variants: tuple[Variant, ...] | None = None


class ProductRow(ProductMembers, frozen=True, kw_only=True):
    """A product's row: null means omitted. A plain text is in ``language`` (default pt-BR). Members that only the catalogue sets
    (``id``, ``version``, ``history`` …) are accepted and ignored, so that a row that was read can be sent back."""

    title: LooseTexts
    description: LooseTexts | None = None
    attributes: dict[str, AttributeValue] | None = None
    variants: tuple[Variant, ...]


class ManagedCategory(Category, frozen=True, kw_only=True, omit_defaults=True):
    """A category. Members at their default are omitted."""

    version: int


class ManagedCategories(msgspec.Struct, frozen=True, kw_only=True):
    """All categories."""

    items: tuple[ManagedCategory, ...]


class CategoryMembers(msgspec.Struct, frozen=True, kw_only=True):
    """Members that rows and patches of a category share."""

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
    """The wanted category; ``slug``, if present, must equal the one in the URL."""

    title: LooseTexts
    description: LooseTexts | None = None


class ManagedCollection(Collection, frozen=True, kw_only=True, omit_defaults=True):
    """A collection. Members at their default are omitted."""

    version: int


class ManagedCollections(msgspec.Struct, frozen=True, kw_only=True):
    """All collections."""

    items: tuple[ManagedCollection, ...]


class CollectionMembers(msgspec.Struct, frozen=True, kw_only=True):
    """Members that rows and patches of a collection share."""

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
    """The wanted collection: selected by ``rule``, or listed manually in ``products``."""

    title: LooseTexts
    description: LooseTexts | None = None


class ManagedProductType(ProductType, frozen=True, kw_only=True, omit_defaults=True):
    """A product type. Members at their default are omitted."""

    version: int


class ManagedProductTypes(msgspec.Struct, frozen=True, kw_only=True):
    """All product types."""

    items: tuple[ManagedProductType, ...]


class ProductTypeMembers(msgspec.Struct, frozen=True, kw_only=True):
    """Members that rows and patches of a product type share."""

    code: str | None = None
    attributes: tuple[AttributeType, ...] | None = None
    language: str | None = None


class ProductTypePatch(ProductTypeMembers, frozen=True, kw_only=True):
    """A merge patch (RFC 7396) of a product type."""

    title: PatchedTexts | None = None


class ProductTypeRow(ProductTypeMembers, frozen=True, kw_only=True):
    """The wanted product type; ``code``, if present, must equal the one in the URL."""

    title: LooseTexts
