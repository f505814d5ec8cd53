"""Facts of the catalogue. Routing keys are ``catalog.<Event>``; the sequence is the version of the subject.

A change of a product tells exactly one of ``ProductPublished``, ``ProductArchived`` and ``ProductUpdated`` (subject: the
product's id), and one ``PriceChanged`` for each price of it that is another now. The subject of the others is the slug or code.
"""

from typing import ClassVar

from renga.kernel.facts import Fact


class CatalogFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "catalog"


class ProductUpdated(CatalogFact, frozen=True, kw_only=True):
    """A product has changed; ask the catalogue for details. ``skus`` names its variants, removed ones included."""

    product_id: str
    slug: str
    version: int
    skus: tuple[str, ...]


class ProductPublished(ProductUpdated, frozen=True, kw_only=True):
    """A product is sold in a channel in which it was not sold before (all new products that are sold somewhere, for one)."""


class ProductArchived(ProductUpdated, frozen=True, kw_only=True):
    """A product is no longer sold anywhere, though it was."""


class PriceChanged(CatalogFact, frozen=True, kw_only=True):
    """A variant's price in one currency is now ``amount`` minor units (None: no longer sold in it); was ``was``.

    It is what a guest pays for one piece in the default channel, as in an offer. A new product tells none.
    """

    product_id: str
    slug: str
    version: int
    sku: str
    currency: str
    amount: int | None
    was: int | None


class CategoryChanged(CatalogFact, frozen=True, kw_only=True):
    """A category is new, another now, or (``removed``) gone."""

    slug: str
    version: int
    removed: bool = False


class CollectionChanged(CatalogFact, frozen=True, kw_only=True):
    """A collection is new, another now (``rule``: its rule, too), or gone.

    Products that come and go by its rule are no change of it.
    """

    slug: str
    version: int
    rule: bool = False
    removed: bool = False


class ProductTypeChanged(CatalogFact, frozen=True, kw_only=True):
    """A product type is new, another now, or gone."""

    code: str
    version: int
    removed: bool = False


#: Every fact that this domain tells.
EVENTS: tuple[type[Fact], ...] = (
    ProductUpdated,
    ProductPublished,
    ProductArchived,
    PriceChanged,
    CategoryChanged,
    CollectionChanged,
    ProductTypeChanged,
)

#: The routing keys of all of them, those of later versions too.
ALL_FACTS = (f"{CatalogFact.DOMAIN}.#",)
