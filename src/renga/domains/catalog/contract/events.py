"""Facts of the catalogue. Routing keys are ``catalog.<Event>``; the sequence is the version of the subject.

A change of a product tells exactly one of ``ProductPublished``, ``ProductArchived`` and ``ProductUpdated`` (subject: the
product's id), and one ``PriceChanged`` for each price of it that is another now. The subject of the others is the slug or code.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import Fact

ProductId = Annotated[
    str,
    Meta(description="The product's id; also the event's subject.", examples=["019aa5d8-0001-7000-8000-000000000001"]),
]
ProductSlug = Annotated[str, Meta(description="The product's name in addresses.", examples=["mountain-coffee"])]
Slug = Annotated[str, Meta(description="Its name in addresses; also the event's subject.", examples=["coffee"])]
Version = Annotated[int, Meta(description="The subject's version after the change.", examples=[4])]
Removed = Annotated[bool, Meta(description="It is gone.", examples=[False])]


class CatalogFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "catalog"


class ProductUpdated(CatalogFact, frozen=True, kw_only=True):
    """A product has changed; ask the catalogue for details. ``skus`` names its variants, removed ones included."""

    product_id: ProductId
    slug: ProductSlug
    version: Version
    skus: Annotated[
        tuple[str, ...], Meta(description="Its variants, removed ones included.", examples=[["COFFEE-250"]])
    ]


class ProductPublished(ProductUpdated, frozen=True, kw_only=True):
    """A product is sold in a channel in which it was not sold before (all new products that are sold somewhere, for one)."""


class ProductArchived(ProductUpdated, frozen=True, kw_only=True):
    """A product is no longer sold anywhere, though it was."""


class PriceChanged(CatalogFact, frozen=True, kw_only=True):
    """A variant's price in one currency is now ``amount`` minor units (None: no longer sold in it); was ``was``.

    It is what a guest pays for one piece in the default channel, as in an offer. A new product tells none.
    """

    product_id: ProductId
    slug: ProductSlug
    version: Version
    sku: Annotated[str, Meta(description="The variant.", examples=["COFFEE-250"])]
    currency: Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
    amount: Annotated[
        int | None, Meta(description="The price now, in minor units; null: no longer sold in it.", examples=[3990])
    ]
    was: Annotated[
        int | None, Meta(description="The price before, in minor units; null: was not sold in it.", examples=[4290])
    ]


class CategoryChanged(CatalogFact, frozen=True, kw_only=True):
    """A category is new, another now, or (``removed``) gone."""

    slug: Slug
    version: Version
    removed: Removed = False


class CollectionChanged(CatalogFact, frozen=True, kw_only=True):
    """A collection is new, another now (``rule``: its rule, too), or gone.

    Products that come and go by its rule are no change of it.
    """

    slug: Slug
    version: Version
    rule: Annotated[bool, Meta(description="Its rule has changed, too.", examples=[False])] = False
    removed: Removed = False


class ProductTypeChanged(CatalogFact, frozen=True, kw_only=True):
    """A product type is new, another now, or gone."""

    code: Annotated[
        str, Meta(description="The code of the product type; also the event's subject.", examples=["coffee"])
    ]
    version: Version
    removed: Removed = False


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
