"""The root fields of queries."""

from enum import Enum
from typing import Any

import strawberry

from renga.domains.catalog.contract import DEFAULT_CHANNEL, PRODUCTS, sold_in
from renga.domains.search.contract import SEARCH_TAG, SUGGESTIONS_MAX, Filter, SearchQuery, SearchUnavailable
from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.errors import FilterInvalid, FirstOutOfRange, LookupAmbiguous
from renga.frontends.bff.graphql.fields import of_cart, public
from renga.frontends.bff.graphql.sources import OfCart, OfCategory, OfCollection, OfProduct
from renga.frontends.bff.graphql.types.cart import GraphCart
from renga.frontends.bff.graphql.types.category import GraphCategory
from renga.frontends.bff.graphql.types.collection import GraphCollection
from renga.frontends.bff.graphql.types.listing import list_products
from renga.frontends.bff.graphql.types.paging import FIRST_DEFAULT
from renga.frontends.bff.graphql.types.product import GraphProduct, ProductConnection
from renga.frontends.bff.graphql.types.search_result import SearchResult, find
from renga.frontends.bff.graphql.types.suggestion import GraphSuggestion
from renga.frontends.bff.graphql.types.variant import GraphVariant, sold_variant
from renga.kernel.languages import FALLBACKS
from renga.platform.auth.principal import caller_of

Info = strawberry.Info[Context, None]


@strawberry.enum(description="The order of search results.")
class SearchSort(Enum):
    RELEVANCE = "relevance"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NEWEST = "newest"
    TITLE = "title"


@strawberry.input(description="Filters by one facet: any of the values, or a number between two bounds (inclusive).")
class SearchFilter:
    facet: str
    values: list[str] | None = None
    at_least: float | None = None
    at_most: float | None = None


async def _product(
    info: Info,
    slug: str | None = None,
    id: strawberry.ID | None = None,
    sku: strawberry.ID | None = None,
    language: str | None = None,
    channel: str | None = None,
    currency: str | None = None,
) -> Any:
    context = info.context
    if sum(one is not None for one in (slug, id, sku)) != 1:
        raise LookupAmbiguous()
    asked = context.asked(language, channel, currency)
    if slug is not None:
        found = await context.by_slug.load(slug)
    elif id is not None:
        found = await context.by_id.load(id)
    else:
        found = await context.by_sku.load(str(sku))
    if found is None or not sold_in(found, asked.channel):
        context.tags.add("products")  # invalidated when the product is added
        return None
    context.tags.add(f"product:{found.id}")
    return OfProduct(found, asked)


async def _products(
    info: Info,
    first: int = FIRST_DEFAULT,
    after: str | None = None,
    category: str | None = None,
    collection: str | None = None,
    language: str | None = None,
    channel: str | None = None,
    currency: str | None = None,
) -> Any:
    if category is not None and collection is not None:
        raise LookupAmbiguous("name a category or a collection, not both")
    asked = info.context.asked(language, channel, currency)
    return await list_products(info.context, asked, first=first, after=after, category=category, collection=collection)


async def _variant(
    info: Info,
    sku: strawberry.ID,
    language: str | None = None,
    channel: str | None = None,
    currency: str | None = None,
) -> Any:
    found = await sold_variant(info.context, sku, info.context.asked(language, channel, currency))
    if found is None:
        info.context.tags.add("products")
    return found


def _categories(
    info: Info,
    parent: str | None = None,
    language: str | None = None,
    channel: str | None = None,
    currency: str | None = None,
) -> Any:
    asked = info.context.asked(language, channel, currency)
    return [OfCategory(one, asked) for one in info.context.categories() if one.parent == parent]


def _category(
    info: Info, slug: str, language: str | None = None, channel: str | None = None, currency: str | None = None
) -> Any:
    found = info.context.category_index().get(slug)
    return None if found is None else OfCategory(found, info.context.asked(language, channel, currency))


def _collections(
    info: Info, language: str | None = None, channel: str | None = None, currency: str | None = None
) -> Any:
    asked = info.context.asked(language, channel, currency)
    return [OfCollection(one, asked) for one in info.context.collections()]


def _collection(
    info: Info, slug: str, language: str | None = None, channel: str | None = None, currency: str | None = None
) -> Any:
    asked = info.context.asked(language, channel, currency)
    return next((OfCollection(one, asked) for one in info.context.collections() if one.slug == slug), None)


async def _search(
    info: Info,
    text: str = "",
    filters: list[SearchFilter] | None = None,
    sort: SearchSort = SearchSort.RELEVANCE,
    first: int = FIRST_DEFAULT,
    after: str | None = None,
    facets: list[str] | None = None,
    category: str | None = None,
    collection: str | None = None,
    language: str | None = None,
    channel: str | None = None,
    currency: str | None = None,
) -> Any:
    context = info.context
    asked = context.asked(language, channel, currency)
    question = SearchQuery(
        text=text,
        language=_language(asked.preferred),
        currency=asked.currency,
        channel=asked.channel,
        category=category,
        collection=collection,
        filters=tuple(_filter(one) for one in filters or ()),
        sort=sort.value,
        facets=None if facets is None else tuple(facets),
        limit=first,
    )
    return await find(context, asked, question, after=after)


async def _suggest(
    info: Info, text: str, first: int = 8, language: str | None = None, channel: str | None = None
) -> Any:
    context = info.context
    if not 1 <= first <= SUGGESTIONS_MAX:
        raise FirstOutOfRange(
            f"first is {first}; it may be from 1 to {SUGGESTIONS_MAX}", limit=SUGGESTIONS_MAX, actual=first
        )
    language_tag = _language(context.asked(language).preferred)
    where = channel or DEFAULT_CHANNEL
    context.tags.update((SEARCH_TAG, PRODUCTS))
    search = context.contracts.search
    try:
        return await context.once(
            ("suggest", text, language_tag, where, first),
            lambda: search.suggest(text, language=language_tag, channel=where, limit=first),
        )
    except SearchUnavailable:
        context.degraded = True
        return ()


async def _cart(info: Info, id: strawberry.ID) -> Any:
    context = info.context
    cart = await context.once(("cart", id), lambda: context.contracts.carts.read(caller_of(context.principal), id))
    return OfCart(cart, context.asked(currency=cart.currency))


def _language(preferred: tuple[str, ...]) -> str:
    """The most preferred language as a tag for search; without a preference the shop's default."""
    language_range = next((one for one in preferred if one != "*"), FALLBACKS[0])
    return next(
        (tag for tag in FALLBACKS if tag.lower() == language_range or tag.lower().startswith(f"{language_range}-")),
        language_range,
    )


def _filter(given: SearchFilter) -> Filter:
    values = tuple(given.values or ())
    if not values and given.at_least is None and given.at_most is None:
        raise FilterInvalid(f"the filter {given.facet!r} has neither values nor bounds", field=given.facet)
    return Filter(facet=given.facet, values=values, at_least=given.at_least, at_most=given.at_most)


@strawberry.type(
    description="Queries of the shop. `language` (BCP 47) takes precedence over the header Accept-Language."
)
class Query:
    product: GraphProduct | None = public(
        _product, "One product by slug, id or sku; null if it is not sold in the channel."
    )
    products: ProductConnection = public(_products, "Products sold in the channel, newest first.")
    variant: GraphVariant | None = public(_variant, "One sku; null if it is not sold in the channel.")
    categories: list[GraphCategory] = public(
        _categories, "The child categories of `parent`; without it the root categories.", needs=("categories",), size=20
    )
    category: GraphCategory | None = public(_category, "One category.", needs=("categories",))
    collections: list[GraphCollection] = public(_collections, "All collections.", needs=("collections",), size=20)
    collection: GraphCollection | None = public(_collection, "One collection.", needs=("collections",))
    search: SearchResult = public(
        _search, "Products by text and facets; without text, the products of a category or collection."
    )
    suggest: list[GraphSuggestion] = public(_suggest, "Suggestions for a text typed so far.")
    cart: GraphCart | None = of_cart(_cart, "A cart: a guest's cart by its id, a customer's only for that customer.")
