"""The products of a listing: from search, or, while search is unavailable, from the catalogue."""

from collections.abc import Mapping

import msgspec
import structlog

from renga.domains.catalog.contract import Catalog, CursorInvalid, Product, sold_in
from renga.domains.search.contract import (
    Facet,
    Search,
    SearchCursorInvalid,
    SearchPage,
    SearchQuery,
    SearchUnavailable,
)
from renga.frontends.web.question import ListingQuestion
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

PAGE_SIZE = 12
#: The storefront's channel.
CHANNEL = "web"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A listing. ``total`` is None if not counted; ``degraded``: search is unavailable, so no filters and no sorting.

    ``skus`` has the best matching variant by the product's slug.
    """

    products: tuple[Product, ...] = ()
    skus: Mapping[str, str] = {}
    total: int | None = None
    facets: tuple[Facet, ...] = ()
    next: str | None = None
    corrected: str | None = None
    did_you_mean: str | None = None
    degraded: bool = False


async def find(catalog: Catalog, search: Search, query: SearchQuery) -> Listing:
    """The results of search. Raises SearchUnavailable, CursorInvalid (of either kind)."""
    page = await search.search(query)
    products = await catalog.products_by_id([hit.product_id for hit in page.hits]) if page.hits else {}
    shown = tuple(p for hit in page.hits if (p := products.get(hit.product_id)) and sold_in(p, CHANNEL))
    return Listing(
        products=shown,
        skus=_best_skus(page, products),
        total=page.total,
        facets=page.facets,
        next=page.next,
        corrected=page.corrected,
        did_you_mean=page.did_you_mean,
    )


def _best_skus(page: SearchPage, products: Mapping[str, Product]) -> dict[str, str]:
    found = {}
    for hit in page.hits:
        product = products.get(hit.product_id)
        if product is not None and hit.sku is not None and any(v.sku == hit.sku for v in product.variants[1:]):
            found[product.slug] = hit.sku
    return found


async def category_listing(
    catalog: Catalog,
    search: Search | None,
    question: ListingQuestion,
    category: str | None,
    *,
    language: str,
    currency: str,
) -> Listing:
    """The products of a category or of the whole shop, filtered while search is available. Raises CursorInvalid."""
    if search is None:
        return await _plain(catalog, question, category)
    try:
        return await find(catalog, search, query_of(question, language, currency, category=category))
    except SearchUnavailable as error:
        log.warning("listing_without_search", code=error.code)
        count_degraded("search")
        try:
            listing = await _plain(catalog, question, category)
        except CursorInvalid:
            # the cursor is from search: show the first page instead of an error
            listing = await _plain(catalog, ListingQuestion(), category)
        return msgspec.structs.replace(listing, degraded=True)


def query_of(question: ListingQuestion, language: str, currency: str, *, category: str | None = None) -> SearchQuery:
    return SearchQuery(
        text=question.text,
        language=language,
        currency=currency,
        channel=CHANNEL,
        category=category,
        filters=question.filters,
        sort=question.sort,
        limit=PAGE_SIZE,
        cursor=question.cursor,
    )


async def _plain(catalog: Catalog, question: ListingQuestion, category: str | None) -> Listing:
    """Newest first."""
    page = await catalog.products(limit=PAGE_SIZE, cursor=question.cursor, category=category, channel=CHANNEL)
    return Listing(products=page.items, next=page.next)


#: Invalid cursors of either kind redirect to the first page.
CURSOR_ERRORS = (CursorInvalid, SearchCursorInvalid)
