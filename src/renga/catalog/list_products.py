"""Use case: one page of products, newest first, stable while products are added."""

from renga.catalog.contract import PAGE_MAX, CategoryNotFound, ProductPage
from renga.catalog.listing import cursor_of, position_of
from renga.catalog.ports import ProductStore
from renga.catalog.reading import text_problem
from renga.kernel.errors import Invalid


async def list_products(store: ProductStore, *, limit: int, cursor: str | None, category: str | None) -> ProductPage:
    if not 1 <= limit <= PAGE_MAX:
        raise Invalid(f"limit must be from 1 to {PAGE_MAX}", limit=limit)
    if category is not None and text_problem(category):
        raise CategoryNotFound(f"there is no category {category!r}")
    before = None if cursor is None else position_of(cursor, category)
    listed = await store.page(limit=limit + 1, before=before, category=category)
    following = cursor_of(listed[limit - 1].position, category) if len(listed) > limit else None
    return ProductPage(items=tuple(entry.product for entry in listed[:limit]), next=following)
