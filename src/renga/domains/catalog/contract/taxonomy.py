"""The tree of categories, manual and rule collections, product types with typed attributes."""

from typing import Literal

import msgspec

from renga.domains.catalog.contract.products import NO_SEO, Seo, Texts

#: The type of an attribute's value. ``number`` is in the attribute's unit, ``enum`` is one of its options (or several),
#: ``date`` an ISO 8601 date, ``reference`` the slug of another product.
AttributeKind = Literal["text", "number", "boolean", "enum", "date", "reference"]


class EnumOption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One option of an enum attribute."""

    code: str
    title: Texts = {}


class AttributeType(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The definition of one attribute of a product type.

    ``unit``       of a number (``ml``, ``cm``, ``kg``); input in a compatible unit is converted
    ``options``    of an enum; with ``multiple`` a value may have several
    ``localised``  a text per language
    ``axis``       an option that distinguishes variants, not an attribute of the product
    ``facet``      offered as a search filter
    """

    code: str
    kind: AttributeKind = "text"
    title: Texts = {}
    unit: str | None = None
    options: tuple[EnumOption, ...] = ()
    multiple: bool = False
    localised: bool = False
    required: bool = False
    axis: bool = False
    facet: bool = False


class ProductType(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The attributes that products of this type have. ``version`` grows by one with each change."""

    code: str
    title: Texts
    attributes: tuple[AttributeType, ...] = ()
    version: int = 0


class Category(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A category; ``parent`` is the slug of its parent category, ``position`` orders siblings.

    ``version`` grows by one with each change; it is 0 until the first change if the category was seeded or imported.
    """

    slug: str
    title: Texts
    description: Texts = {}
    position: int = 0
    parent: str | None = None
    image: str | None = None
    seo: Seo = NO_SEO
    version: int = 0


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a rule on one field of a product.

    ``field``  ``brand``, ``category`` (including subcategories), ``type``, ``merchant``, ``title``, ``availability``,
               ``price.BRL`` (the lowest plain price of its variants, minor units), ``attribute.<code>``, ``created_at``
    ``op``     ``is``, ``is_not``, ``in`` (value is a list), ``contains`` (text, ignoring case and accents), ``at_least``,
               ``at_most``, ``exists`` (value is true or false)
    """

    field: str
    op: Literal["is", "is_not", "in", "contains", "at_least", "at_most", "exists"]
    value: str | int | float | bool | list[str]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Selects a collection's products: those that meet ``all`` or ``any`` of the conditions."""

    match: Literal["all", "any"] = "all"
    conditions: tuple[Condition, ...] = ()


class Collection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Products selected by a rule, or (``rule`` None) listed manually: ``products`` are slugs in display order."""

    slug: str
    title: Texts
    description: Texts = {}
    image: str | None = None
    seo: Seo = NO_SEO
    rule: Rule | None = None
    products: tuple[str, ...] = ()
    version: int = 0
