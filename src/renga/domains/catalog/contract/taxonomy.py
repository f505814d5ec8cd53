"""How products are arranged: the tree of categories, collections by hand or by rule, product types with typed attributes."""

from typing import Literal

import msgspec

from renga.domains.catalog.contract.products import NO_SEO, Seo, Texts

#: What an attribute holds. ``number`` is in the attribute's unit, ``enum`` one of its options (or several), ``date`` a day of
#: ISO 8601, ``reference`` the slug of another product.
AttributeKind = Literal["text", "number", "boolean", "enum", "date", "reference"]


class EnumOption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value that an enum may have."""

    code: str
    title: Texts = {}


class AttributeType(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one attribute of a product type is.

    ``unit``       of a number (``ml``, ``cm``, ``kg``); values in a kindred unit are converted when they come in
    ``options``    of an enum; ``multiple`` lets it have several
    ``localised``  a text per language
    ``axis``       an option that tells variants apart, not an attribute of the product
    ``facet``      offered to narrow a search
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
    """What products of a kind have in common. ``version`` grows by one with each change."""

    code: str
    title: Texts
    attributes: tuple[AttributeType, ...] = ()
    version: int = 0


class Category(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A shelf of the shop; ``parent`` is the slug of the one above it, ``position`` orders siblings.

    ``version`` grows by one with each change; it is 0 for a category that was never changed since it was seeded or imported.
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

    ``field``  ``brand``, ``category`` (those below count too), ``type``, ``merchant``, ``title``, ``availability``,
               ``price.BRL`` (the lowest plain price of its variants, minor units), ``attribute.<code>``, ``created_at``
    ``op``     ``is``, ``is_not``, ``in`` (value is a list), ``contains`` (text, case and accents do not matter), ``at_least``,
               ``at_most``, ``exists`` (value is true or false)
    """

    field: str
    op: Literal["is", "is_not", "in", "contains", "at_least", "at_most", "exists"]
    value: str | int | float | bool | list[str]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Which products a collection gathers by itself: those that meet ``all`` or ``any`` of the conditions."""

    match: Literal["all", "any"] = "all"
    conditions: tuple[Condition, ...] = ()


class Collection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Products gathered by a rule, or (``rule`` None) by hand: ``products`` are slugs in the order in which they are shown."""

    slug: str
    title: Texts
    description: Texts = {}
    image: str | None = None
    seo: Seo = NO_SEO
    rule: Rule | None = None
    products: tuple[str, ...] = ()
    version: int = 0
