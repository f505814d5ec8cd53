"""Pure: cache tags of the catalogue's data, and which tags an event invalidates. For every cache of catalogue data."""

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

#: Tag of everything that lists products.
PRODUCTS = "products"
#: Tag of everything that lists the products of a collection: rules are applied shortly after the product's event.
MEMBERS = "members"
CATEGORIES, COLLECTIONS, TYPES = "categories", "collections", "types"
#: Routing keys of all events that invalidate cached data.
FACTS = ALL_FACTS

_PRODUCT = {fact.TYPE: fact for fact in (ProductUpdated, ProductPublished, ProductArchived)}
_OTHERS = {CategoryChanged.TYPE: CATEGORIES, CollectionChanged.TYPE: COLLECTIONS, ProductTypeChanged.TYPE: TYPES}


def product_tag(product_id: str) -> str:
    """Tag of every cached value that contains this product."""
    return f"product:{product_id}"


def slug_tag(slug: str) -> str:
    """Tag of the cached result that there is no product with this slug."""
    return f"slug:{slug}"


def tags_of(event: Event) -> frozenset[str]:
    """The tags that this event invalidates; for an event that cannot be decoded, its subject's and PRODUCTS."""
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
