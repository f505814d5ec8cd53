"""The catalogue's events. Routing keys are ``catalog.<Event>``; the sequence is the version of the subject.

A change of a product sends exactly one of ``ProductPublished``, ``ProductArchived`` and ``ProductUpdated`` (subject: the
product's id), and one ``PriceChanged`` for each changed price. The subject of the other events is the slug or code.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import Fact

ProductId = Annotated[
    str,
    Meta(description="The product's id; also the event's subject.", examples=["019aa5d8-0001-7000-8000-000000000001"]),
]
ProductSlug = Annotated[str, Meta(description="The product's slug in URLs.", examples=["mountain-coffee"])]
Slug = Annotated[str, Meta(description="Its slug in URLs; also the event's subject.", examples=["coffee"])]
Version = Annotated[int, Meta(description="The subject's version after the change.", examples=[4])]
Removed = Annotated[bool, Meta(description="It was deleted.", examples=[False])]


class CatalogFact(Fact, frozen=True, kw_only=True):
    """An event of this domain."""

    DOMAIN: ClassVar[str] = "catalog"


class ProductUpdated(CatalogFact, frozen=True, kw_only=True):
    """A product has changed; read the catalogue for details. ``skus`` lists its variants, including removed ones."""

    product_id: ProductId
    slug: ProductSlug
    version: Version
    skus: Annotated[
        tuple[str, ...], Meta(description="Its variants, including removed ones.", examples=[["COFFEE-250"]])
    ]


class ProductPublished(ProductUpdated, frozen=True, kw_only=True):
    """A product is now sold in a channel in which it was not sold before. Also sent for new products that are sold."""


class ProductArchived(ProductUpdated, frozen=True, kw_only=True):
    """A product that was sold is no longer sold in any channel."""


class PriceChanged(CatalogFact, frozen=True, kw_only=True):
    """A variant's price in one currency changed from ``was`` to ``amount``, in minor units (None: not sold in the currency).

    It is the price of one piece for a guest in the default channel, as in an offer. Not sent for new products.
    """

    product_id: ProductId
    slug: ProductSlug
    version: Version
    sku: Annotated[str, Meta(description="The variant's sku.", examples=["COFFEE-250"])]
    currency: Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
    amount: Annotated[
        int | None,
        Meta(description="The price now, in minor units; null: no longer sold in this currency.", examples=[3990]),
    ]
    was: Annotated[
        int | None,
        Meta(description="The price before, in minor units; null: was not sold in this currency.", examples=[4290]),
    ]


class CategoryChanged(CatalogFact, frozen=True, kw_only=True):
    """A category was created, changed or (``removed``) deleted."""

    slug: Slug
    version: Version
    removed: Removed = False


class CollectionChanged(CatalogFact, frozen=True, kw_only=True):
    """A collection was created, changed (``rule``: its rule too) or (``removed``) deleted.

    Not sent when products enter or leave it by its rule.
    """

    slug: Slug
    version: Version
    rule: Annotated[bool, Meta(description="Its rule has changed too.", examples=[False])] = False
    removed: Removed = False


class ProductTypeChanged(CatalogFact, frozen=True, kw_only=True):
    """A product type was created, changed or (``removed``) deleted."""

    code: Annotated[
        str, Meta(description="The code of the product type; also the event's subject.", examples=["coffee"])
    ]
    version: Version
    removed: Removed = False


#: Every event of this domain.
EVENTS: tuple[type[Fact], ...] = (
    ProductUpdated,
    ProductPublished,
    ProductArchived,
    PriceChanged,
    CategoryChanged,
    CollectionChanged,
    ProductTypeChanged,
)

#: A pattern that matches the routing keys of all of them, also in later versions.
ALL_FACTS = (f"{CatalogFact.DOMAIN}.#",)
