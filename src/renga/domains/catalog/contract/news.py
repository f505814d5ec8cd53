"""Pure: which cached answers a fact of the catalogue makes untrue, as tags. Whoever caches what the catalogue says uses these."""

from renga.domains.catalog.contract.events import (
    ALL_FACTS,
    CategoryChanged,
    CollectionChanged,
    PriceChanged,
    ProductArchived,
    ProductPublished,
    ProductTypeChanged,
    ProductUpdated,
)
from renga.kernel.events import Event
from renga.kernel.facts import FactInvalid, fact_of

#: Anything that lists products.
PRODUCTS = "products"
#: Anything that lists the products of a collection: a rule gathers them a moment after the news of them.
MEMBERS = "members"
CATEGORIES, COLLECTIONS, TYPES = "categories", "collections", "types"
#: Routing keys of all facts that make answers untrue.
FACTS = ALL_FACTS

_PRODUCT = {fact.TYPE: fact for fact in (ProductUpdated, ProductPublished, ProductArchived)}
_OTHERS = {CategoryChanged.TYPE: CATEGORIES, CollectionChanged.TYPE: COLLECTIONS, ProductTypeChanged.TYPE: TYPES}


def product_tag(product_id: str) -> str:
    """Of every answer that holds this product."""
    return f"product:{product_id}"


def slug_tag(slug: str) -> str:
    """Of the answer that there is no product with this slug."""
    return f"slug:{slug}"


def tags_of(event: Event) -> frozenset[str]:
    """The tags of answers that this fact makes untrue; of one that cannot be read, its subject's and all that lists products."""
    try:
        return _tags_of(event)
    except FactInvalid:
        return frozenset((PRODUCTS, product_tag(event.subject)))


def _tags_of(event: Event) -> frozenset[str]:
    if event.type in _PRODUCT:
        product = fact_of(event, _PRODUCT[event.type])
        return frozenset((product_tag(product.product_id), PRODUCTS, slug_tag(product.slug)))
    if event.type == PriceChanged.TYPE:
        return frozenset((product_tag(fact_of(event, PriceChanged).product_id), PRODUCTS))
    if event.type in _OTHERS:
        return frozenset((_OTHERS[event.type], PRODUCTS))
    return frozenset()
