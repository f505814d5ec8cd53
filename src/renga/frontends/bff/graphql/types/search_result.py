"""Search results: ranked products, facets, corrections; a notice while search is unavailable."""

from collections.abc import Sequence
from typing import Any

import msgspec
import strawberry

from renga.domains.catalog.contract import PRODUCTS, CursorInvalid, sold_in
from renga.domains.search.contract import SEARCH_TAG, Hit, SearchPage, SearchQuery, SearchUnavailable
from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import ListPage, OfFacet, OfProduct, OfSearch, OfVariant, ReaderTerms
from renga.frontends.bff.graphql.types.facet import GraphFacet
from renga.frontends.bff.graphql.types.listing import CATALOG, list_products
from renga.frontends.bff.graphql.types.notice import Notice, OfNotice
from renga.frontends.bff.graphql.types.paging import PageInfo, check_first, cursor_at, page_of, read_cursor
from renga.frontends.bff.graphql.types.product import GraphProduct
from renga.frontends.bff.graphql.types.variant import GraphVariant

#: The kind of this list's cursors.
SEARCH = "s"
_AWAY = OfNotice(
    "search_unavailable", "Search is away for a moment; this list comes from the catalogue, without facets."
)
_AWAY_TEXT = OfNotice("search_unavailable", "Search is away for a moment; words cannot be looked up. Try again soon.")


class OfHit(msgspec.Struct, frozen=True):
    page: ListPage
    index: int
    product: OfProduct
    sku: str | None
    pinned: bool


async def find(context: Context, asked: ReaderTerms, question: SearchQuery, *, after: str | None) -> OfSearch:
    """Raises FirstOutOfRange, CursorInvalid, SearchInvalid, Unavailable (the catalogue)."""
    check_first(question.limit)
    if after is not None and _is_of_catalog(after):
        return await _from_catalog(context, asked, question, after)
    position = read_cursor(after, SEARCH)
    context.tags.update((SEARCH_TAG, PRODUCTS))
    pages: list[SearchPage] = []

    async def ask(limit: int, cursor: str | None) -> tuple[Sequence[Hit], str | None]:
        query = msgspec.structs.replace(question, limit=limit, cursor=cursor)
        found = await context.once(query, lambda: context.contracts.search.search(query))
        pages.append(found)
        return found.hits, found.next

    try:
        page = await page_of(question.limit, position, ask)
    except SearchUnavailable:
        if position.start is not None:
            raise
        return await _from_catalog(context, asked, question, None)
    shown = await _with_products(context, asked, page)
    return OfSearch(shown, asked, pages[-1], question.text)


def _is_of_catalog(after: str) -> bool:
    try:
        read_cursor(after, CATALOG)
    except CursorInvalid:
        return False
    return True


async def _with_products(context: Context, asked: ReaderTerms, page: ListPage) -> ListPage:
    """The hits with their products; products no longer sold are left out."""
    products = {hit.product_id: context.by_id.load(hit.product_id) for hit in page.nodes}
    nodes = []
    for index, hit in enumerate(page.nodes):
        product = await products[hit.product_id]
        if product is not None and sold_in(product, asked.channel):
            nodes.append(OfHit(page, index, OfProduct(product, asked), hit.sku, hit.pinned))
    return msgspec.structs.replace(page, nodes=nodes)


async def _from_catalog(context: Context, asked: ReaderTerms, question: SearchQuery, after: str | None) -> OfSearch:
    """The fallback without search: categories still list products, text finds nothing. Not cacheable."""
    context.degraded = True
    if question.text:
        return OfSearch(ListPage((), None, 0, None, False, CATALOG), asked, None, question.text, _AWAY_TEXT)
    listed = await list_products(
        context,
        asked,
        first=question.limit,
        after=after,
        category=question.category,
        collection=question.collection,
    )
    page = msgspec.structs.replace(
        listed, nodes=[OfHit(listed, index, node, None, False) for index, node in enumerate(listed.nodes)]
    )
    return OfSearch(page, asked, None, question.text, _AWAY)


def _cursor(root: strawberry.Parent[OfHit]) -> str:
    return cursor_at(root.page, root.index)


def _variant(root: strawberry.Parent[OfHit]) -> Any:
    product, asked = root.product.product, root.product.asked
    return next((OfVariant(product, one, asked) for one in product.variants if one.sku == root.sku), None)


def _nodes(root: strawberry.Parent[OfSearch]) -> Any:
    return [hit.product for hit in root.page.nodes]


def _total(root: strawberry.Parent[OfSearch]) -> int | None:
    return None if root.found is None else root.found.total


def _facets(root: strawberry.Parent[OfSearch]) -> Any:
    return [] if root.found is None else [OfFacet(facet, root.asked) for facet in root.found.facets]


def _corrected(root: strawberry.Parent[OfSearch]) -> str | None:
    return None if root.found is None else root.found.corrected


def _did_you_mean(root: strawberry.Parent[OfSearch]) -> str | None:
    return None if root.found is None else root.found.did_you_mean


@strawberry.type(description="A product in a search result.")
class SearchHit:
    cursor: str = public(_cursor, "`after` of a page that starts after this entry.")
    node: GraphProduct = public(own("product"), "The product.")
    variant: GraphVariant | None = public(_variant, "The best matching variant, if any.")
    pinned: bool = public(own("pinned"), "Pinned to this position by a merchandiser.")


@strawberry.type(description="A search result.")
class SearchResult:
    edges: list[SearchHit] = public(own("page.nodes"), "The products in rank order, with their cursors.")
    nodes: list[GraphProduct] = public(_nodes, "The products, without cursors.")
    page_info: PageInfo = public(own("page"), "Whether there are more entries, and their cursors.")
    total: int | None = public(_total, "The number of results, exact up to 10,000; null while search is unavailable.")
    facets: list[GraphFacet] = public(_facets, "The facets of the result.", size=10)
    corrected: str | None = public(_corrected, "The text searched instead, if the requested text finds nothing.")
    did_you_mean: str | None = public(_did_you_mean, "An alternative text, if the requested text finds little.")
    degraded: Notice | None = public(own("notice"), "Why the answer is degraded; null normally.")
