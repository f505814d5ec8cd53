"""REST: public search; synonyms, pins and searches without results for merchandisers."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, get_args

import msgspec
from litestar import MediaType, Response, get, put
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, Parameter

from renga.domains.catalog.contract import PRODUCTS, Catalog, PriceTerms, Product, price_of, sold_in
from renga.domains.search.asking import LANGUAGE_PATTERN, NAME_CHARS_MAX
from renga.domains.search.contract import (
    LIMIT_MAX,
    MERCHANDISING,
    SEARCH_TAG,
    Facet,
    Filter,
    Hit,
    Merchandising,
    Pins,
    PinsInvalid,
    Search,
    SearchCursorInvalid,
    SearchInvalid,
    SearchQuery,
    SearchUnavailable,
    Sort,
    Suggestion,
    Synonyms,
    SynonymsInvalid,
    ZeroResult,
)
from renga.domains.search.filter_parameters import filter_parameters
from renga.domains.search.model.folding import text_for
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.members import invalid_json, named
from renga.kernel.money import Money
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.http.bodies import check_media_type
from renga.platform.http.etags import etag_of
from renga.platform.http.openapi_handlers import bounds, kept_answers, parameters, takes
from renga.platform.http.parameters import PATTERN
from renga.platform.http.problems import InvalidJson, problems
from renga.platform.http.requests import AnyRequest, who_asks

#: Access of the merchandising operations.
MANAGE = Access(scopes=(MERCHANDISING,), objects="the whole shop's search")
CACHE_CONTROL = "public, max-age=5, stale-while-revalidate=30"
TAGS = f"{SEARCH_TAG} {PRODUCTS}"
PLAIN = ("q", "language", "currency", "channel", "category", "collection", "sort", "facets", "limit", "cursor")
_FROM, _TO = ".from", ".to"
#: Names of filter parameters; dotted ones are validated by ``filters_of`` and the index.
NARROWING = re.compile(r"brand|category|merchant|type|availability|.*\..*", re.DOTALL)
_NARROWING = (
    "Filter by facets: `brand=HP&brand=Dell` (any of them), `price.from=1000&price.to=2000`, `option.<code>=`, "
    "`attribute.<code>=`. Counts of a facet apply all filters except its own."
)
PARAMETERS_MAX = 200
#: What the use case takes (``asking``), for the OpenAPI document.
_TAG = {"pattern": LANGUAGE_PATTERN}
_NAMED = {"minLength": 1, "maxLength": NAME_CHARS_MAX, "pattern": r"^[^\x00-\x1f]+$"}
_SORTS = {"enum": list(get_args(Sort))}
_LIMIT = {"minimum": 0, "maximum": LIMIT_MAX}
_SYNONYMS = {"items": [{"words": ["celular", "smartphone"]}, {"words": ["geladeira"], "to": ["refrigerador"]}]}
_PINS = {"text": "caneca", "language": "pt-BR", "pinned": ["caneca-aurora"], "hidden": []}


class HitView(msgspec.Struct, frozen=True, kw_only=True):
    """A found product with the data of a product card. ``sku`` is the matched variant; ``price`` the lowest price."""

    product_id: str
    slug: str
    sku: str | None
    title: str
    brand: str | None
    image: str | None
    price: Money | None
    pinned: bool


class SearchView(msgspec.Struct, frozen=True, kw_only=True):
    """One page. ``total`` counts up to 10,000; without facets, a large index may estimate it above about 1,500. ``next`` is the
    cursor of the following page, null on the last."""

    items: list[HitView]
    total: int
    facets: tuple[Facet, ...]
    next: str | None
    corrected: str | None
    did_you_mean: str | None


class SuggestionsView(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[Suggestion, ...]


class SynonymsView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All synonyms of a language. ``words`` are synonyms; with ``to`` one-way: ``words`` also find ``to``, not reverse."""

    items: tuple[Synonyms, ...]


class PinsView(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[Pins, ...]


class ZeroResultsView(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ZeroResult, ...]


def routes(search: Search, merchandising: Merchandising, catalog: Catalog, clock: Clock) -> list[Any]:
    """The handlers of search."""
    return [*_public(search, catalog, clock), *_steering(merchandising)]


def _public(search: Search, catalog: Catalog, clock: Clock) -> list[Any]:
    @get(
        "/v1/search",
        operation_id="searchProducts",
        summary="Find products by words and facets",
        description=_NARROWING,
        tags=["search"],
        opt={
            "access": PUBLIC,
            PATTERN: NARROWING,
            **kept_answers(),
            **parameters(*filter_parameters()),
            **bounds({"language": _TAG, "channel": _NAMED, "collection": _NAMED, "sort": _SORTS, "limit": _LIMIT}),
        },
        responses=problems(SearchInvalid, SearchCursorInvalid, SearchUnavailable),
    )
    async def find(
        request: AnyRequest,
        q: Annotated[str, Parameter(description="Words.", examples=[Example(value="caneca azul")])] = "",
        language: Annotated[str, Parameter(description="Language of words and values (BCP 47).")] = "pt-BR",
        currency: Annotated[str, Parameter(description="Currency of prices (ISO 4217).")] = "BRL",
        channel: Annotated[str, Parameter(description="Where products must be sold.")] = "web",
        collection: Annotated[str | None, Parameter(description="Only products of this collection.")] = None,
        sort: Annotated[str, Parameter(description="relevance, price_asc, price_desc, newest or title.")] = "relevance",
        facets: Annotated[
            str | None, Parameter(description="Names of facets to count, separated by commas; `none` for none.")
        ] = None,
        limit: Annotated[int, Parameter(description=f"Products on the page, 0 to {LIMIT_MAX}.")] = 20,
        cursor: Annotated[str | None, Parameter(description="`next` of the previous page.", min_length=1)] = None,
    ) -> Response[SearchView]:
        asked = request.query_params.multi_items()
        query = _query(
            text=q,
            language=language,
            currency=currency,
            channel=channel,
            collection=collection,
            sort=sort,
            facets=_names(facets),
            limit=limit,
            cursor=cursor,
            filters=filters_of(asked),
        )
        page = await search.search(query)
        products = await catalog.products_by_id([hit.product_id for hit in page.hits]) if page.hits else {}
        at = rfc3339(clock.now_ms())
        shown = [(hit, product) for hit in page.hits if (product := products.get(hit.product_id))]
        view = SearchView(
            items=[_view(hit, product, query, at) for hit, product in shown if sold_in(product, channel)],
            total=page.total,
            facets=page.facets,
            next=page.next,
            corrected=page.corrected,
            did_you_mean=page.did_you_mean,
        )
        return _answer(view, kept=bool(page.hits))

    @get(
        "/v1/search/suggest",
        operation_id="suggestWords",
        summary="Suggest completions of a partial text",
        tags=["search"],
        opt={"access": PUBLIC, **kept_answers(), **bounds({"language": _TAG, "channel": _NAMED})},
        responses=problems(SearchInvalid, SearchUnavailable),
    )
    async def hints(
        q: Annotated[str, Parameter(description="The text typed so far.", examples=[Example(value="can")])],
        language: FromQuery[str] = "pt-BR",
        channel: FromQuery[str] = "web",
        limit: FromQuery[int] = 8,
    ) -> Response[SuggestionsView]:
        found = await search.suggest(q, language=language, channel=channel, limit=limit)
        return _answer(SuggestionsView(items=found), kept=True)

    return [find, hints]


def _steering(merchandising: Merchandising) -> list[Any]:
    @get(
        "/v1/search/synonyms/{language:str}",
        operation_id="getSynonyms",
        summary="Synonyms of a language",
        tags=["search"],
        opt={"access": MANAGE, **bounds({"language": _TAG})},
        responses=problems(SearchInvalid),
    )
    async def get_synonyms(request: AnyRequest, language: FromPath[str]) -> SynonymsView:
        return SynonymsView(items=await merchandising.synonyms(who_asks(request), language))

    @put(
        "/v1/search/synonyms/{language:str}",
        operation_id="putSynonyms",
        summary="Replace the synonyms of a language",
        tags=["search"],
        opt={
            "access": MANAGE,
            **takes("application/json", kind=SynonymsView, example=_SYNONYMS),
            **bounds({"language": _TAG}),
        },
        status_code=200,
        responses=problems(SynonymsInvalid),
    )
    async def put_synonyms(language: FromPath[str], request: AnyRequest) -> SynonymsView:
        wanted = await _decode(request, SynonymsView)
        await merchandising.set_synonyms(who_asks(request), language, wanted.items)
        return SynonymsView(items=await merchandising.synonyms(who_asks(request), language))

    @get("/v1/search/pins", operation_id="getPins", summary="All pins", tags=["search"], opt={"access": MANAGE})
    async def get_pins(request: AnyRequest) -> PinsView:
        return PinsView(items=await merchandising.pins(who_asks(request)))

    @put(
        "/v1/search/pins",
        operation_id="putPins",
        summary="Pin or hide products for one search text",
        tags=["search"],
        opt={"access": MANAGE, **takes("application/json", kind=Pins, example=_PINS)},
        status_code=200,
        responses=problems(PinsInvalid),
    )
    async def put_pins(request: AnyRequest) -> Pins:
        pins: Pins = await _decode(request, Pins)
        await merchandising.set_pins(who_asks(request), pins)
        return pins

    @get(
        "/v1/search/zero-results",
        operation_id="getZeroResults",
        summary="Search texts without results, the most frequent first",
        tags=["search"],
        opt={"access": MANAGE},
        responses=problems(SearchInvalid),
    )
    async def zero_results(request: AnyRequest, limit: FromQuery[int] = 100) -> ZeroResultsView:
        return ZeroResultsView(items=await merchandising.zero_results(who_asks(request), limit))

    return [get_synonyms, put_synonyms, get_pins, put_pins, zero_results]


def filters_of(pairs: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """The filters in a query string. Raises SearchInvalid for an unknown parameter."""
    values: dict[str, list[str]] = {}
    bounds: dict[str, dict[str, float]] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= PARAMETERS_MAX:
            raise SearchInvalid(f"at most {PARAMETERS_MAX} parameters may be given", field="filters")
        if name.endswith((_FROM, _TO)):
            facet, _, end = name.rpartition(".")
            bounds.setdefault(facet, {})[end] = _number(name, value)
        elif name not in PLAIN or name == "category":
            if name != "category" and "." not in name and name not in ("brand", "merchant", "type", "availability"):
                raise SearchInvalid(f"{name[:60]!r} is not a parameter of this search", field=name[:60])
            values.setdefault(name, []).append(value)
    found = [Filter(facet=facet, values=tuple(dict.fromkeys(chosen))) for facet, chosen in values.items()]
    found += [Filter(facet=f, at_least=ends.get("from"), at_most=ends.get("to")) for f, ends in bounds.items()]
    return tuple(found)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise SearchInvalid(f"{name[:60]} is a number, not {value[:40]!r}", field=name[:60]) from None


def _names(facets: str | None) -> tuple[str, ...] | None:
    if facets is None:
        return None
    return () if facets == "none" else tuple(name.strip() for name in facets.split(",") if name.strip())


def _query(**fields: Any) -> SearchQuery:
    try:
        return msgspec.convert(fields, SearchQuery)
    except msgspec.ValidationError as error:
        reason, field = named(str(error), fields, SearchQuery)
        raise SearchInvalid(f"{field}: {reason}", field=field) from None


def _answer(view: SearchView | SuggestionsView, *, kept: bool) -> Response[Any]:
    """``kept``: CDNs and caches may store it until its tags are purged. Responses without results are not stored, so that
    each search is recorded."""
    body = msgspec.json.encode(view)
    headers = {"cache-control": CACHE_CONTROL}
    if kept:
        headers |= {"etag": etag_of(body).decode(), "surrogate-key": TAGS}
    return Response(body, media_type=MediaType.JSON, headers=headers)


def _view(hit: Hit, product: Product, query: SearchQuery, at: str) -> HitView:
    terms = PriceTerms(currency=query.currency, at=at, channel=query.channel)
    amounts = [price.amount for variant in product.variants if (price := price_of(variant, terms))]
    return HitView(
        product_id=product.id,
        slug=product.slug,
        sku=hit.sku,
        title=text_for(product.title, query.language),
        brand=product.brand,
        image=product.image,
        price=Money(min(amounts), query.currency) if amounts else None,
        pinned=hit.pinned,
    )


async def _decode(request: AnyRequest, kind: Any) -> Any:
    """The body as this type. Raises UnsupportedMediaType, InvalidJson, Invalid (naming the member)."""
    check_media_type(request)
    body = await request.body()
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise invalid_json(error, body, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJson(f"the body is not valid JSON: {error}") from None
