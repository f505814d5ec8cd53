"""A page of the catalogue's products, for every field that lists products."""

from collections.abc import Sequence
from typing import Any

from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.sources import ListPage, OfProduct, ReaderTerms
from renga.frontends.bff.graphql.types.paging import check_first, page_of, read_cursor

#: The kind of this list's cursors.
CATALOG = "c"


async def list_products(
    context: Context,
    asked: ReaderTerms,
    *,
    first: int,
    after: str | None,
    category: str | None = None,
    collection: str | None = None,
) -> ListPage:
    """Raises FirstOutOfRange, CursorInvalid, CategoryNotFound, CollectionNotFound, Unavailable."""
    check_first(first)
    position = read_cursor(after, CATALOG)
    context.tags.add("products")

    async def ask(limit: int, cursor: str | None) -> tuple[Sequence[Any], str | None]:
        key = ("products", limit, cursor, category, collection, asked.channel)
        catalog = context.contracts.catalog
        page = await context.once(
            key,
            lambda: catalog.products(
                limit=limit, cursor=cursor, category=category, collection=collection, channel=asked.channel
            ),
        )
        return [OfProduct(product, asked) for product in page.items], page.next

    return await page_of(first, position, ask)
