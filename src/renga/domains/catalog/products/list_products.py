"""Use case: one page of the products that are sold in a channel, newest first, stable while products are added."""

from renga.domains.catalog.contract import PAGE_MAX, CategoryNotFound, ProductPage
from renga.domains.catalog.model.listing import cursor_of, list_name, position_of
from renga.domains.catalog.ports import ProductStore
from renga.domains.catalog.rows.reading import text_problem
from renga.kernel.errors import Invalid


async def list_products(
    store: ProductStore, *, limit: int, cursor: str | None, category: str | None, channel: str
) -> ProductPage:
    check_limit(limit)
    if category is not None and text_problem(category):
        raise CategoryNotFound(f"there is no category {category!r}")
    listed = list_name(channel, category=category)
    before = None if cursor is None else position_of(cursor, listed)
    if text_problem(channel):
        return ProductPage(items=(), next=None)
    found = await store.page(limit=limit + 1, before=before, category=category, channel=channel)
    following = cursor_of(found[limit - 1].position, listed) if len(found) > limit else None
    return ProductPage(items=tuple(entry.product for entry in found[:limit]), next=following)


def check_limit(limit: int) -> None:
    if not 1 <= limit <= PAGE_MAX:
        raise Invalid(f"limit must be from 1 to {PAGE_MAX}", field="limit", limit=limit)
