"""Use case: one page of a collection: rule collections newest first, manual ones in their own order."""

from renga.domains.catalog.contract import Collection, CollectionNotFound, Product, ProductPage, sold_in
from renga.domains.catalog.model.listing import cursor_of, list_name, position_of
from renga.domains.catalog.ports import ProductStore, TaxonomyStore
from renga.domains.catalog.products.list_products import check_limit
from renga.domains.catalog.rows.reading import text_problem

#: Slugs of a manual collection per lookup while a page is filled.
LOOKUP_MAX = 100


async def list_collection(
    products: ProductStore, taxonomy: TaxonomyStore, slug: str, *, limit: int, cursor: str | None, channel: str
) -> ProductPage:
    check_limit(limit)
    listed = list_name(channel, collection=slug)
    position = None if cursor is None else position_of(cursor, listed)
    collection = await find_collection(taxonomy, slug)
    if text_problem(channel):
        return ProductPage(items=(), next=None)
    if collection.rule is None:
        return await _by_hand(products, collection, position or 0, limit, channel)
    found = await taxonomy.members(slug, limit=limit + 1, before=position, channel=channel)
    following = cursor_of(found[limit - 1].position, listed) if len(found) > limit else None
    return ProductPage(items=tuple(entry.product for entry in found[:limit]), next=following)


async def find_collection(taxonomy: TaxonomyStore, slug: str) -> Collection:
    """Raises CollectionNotFound."""
    collection = None if text_problem(slug) else await taxonomy.collection(slug)
    if collection is None:
        raise CollectionNotFound(f"there is no collection {slug[:120]!r}")
    return collection


async def _by_hand(products: ProductStore, collection: Collection, start: int, limit: int, channel: str) -> ProductPage:
    """The cursor is the index in the collection at which the next page begins."""
    items: list[Product] = []
    for first in range(start, len(collection.products), LOOKUP_MAX):
        slugs = collection.products[first : first + LOOKUP_MAX]
        found = await products.by_slug(slugs)
        for place, slug in enumerate(slugs, first):
            if slug not in found or not sold_in(found[slug], channel):
                continue
            if len(items) == limit:
                name = list_name(channel, collection=collection.slug)
                return ProductPage(items=tuple(items), next=cursor_of(place, name))
            items.append(found[slug])
    return ProductPage(items=tuple(items), next=None)
