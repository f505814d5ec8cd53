"""REST: public reads of products and categories in the reader's language, with ETags for conditional requests."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from renga.domains.catalog.contract import (
    CATEGORIES,
    DEFAULT_CHANNEL,
    MEMBERS,
    PAGE_MAX,
    PRODUCTS,
    Catalog,
    CategoryNotFound,
    CollectionNotFound,
    CursorInvalid,
    ProductNotFound,
    product_tag,
)
from renga.domains.catalog.encoded_items import EncodedItems, page_body, page_digest
from renga.domains.catalog.views import (
    CategoriesView,
    CategoryView,
    ProductPageView,
    ProductView,
    category_view,
    product_view,
)
from renga.kernel.errors import Invalid, RengaError
from renga.kernel.languages import wanted
from renga.platform.auth.access import PUBLIC
from renga.platform.http.etags import etag_of, matches
from renga.platform.http.lean import Answer, Call, Handler, Operation

#: Short public caching; a CDN may cache longer if it purges by Surrogate-Key on the catalogue's events.
CACHE_CONTROL = b"public, max-age=5, stale-while-revalidate=30"
LANGUAGE_CHARS_MAX = 35

Channel = Annotated[str, Meta(description="Where the products are sold.")]
Language = Annotated[
    str | None,
    Meta(
        description="Language tag; takes precedence over Accept-Language.",
        examples=["pt-BR", "en"],
        extra_json_schema={"maxLength": LANGUAGE_CHARS_MAX},
    ),
]


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query parameters of the product list."""

    limit: Annotated[int, Meta(description=f"Products on the page, from 1 to {PAGE_MAX}.", ge=1, le=PAGE_MAX)] = 20
    cursor: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description="`next` of the previous page; only valid for the same list."),
    ] = None
    category: Annotated[
        str | None,
        Meta(description="Slug of a category; its subcategories are included.", examples=["mesa-e-ceramica"]),
    ] = None
    collection: Annotated[str | None, Meta(description="Slug of a collection, instead of a category.")] = None
    channel: Channel = DEFAULT_CHANNEL
    language: Language = None


class ProductQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query parameters of one product."""

    channel: Channel = DEFAULT_CHANNEL
    language: Language = None


class CategoriesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query parameters of the categories."""

    language: Language = None


_ANSWER_HEADERS = {
    "ETag": "Changes when the response changes.",
    "Cache-Control": "How long the response may be cached, and served stale while it is revalidated.",
    "Surrogate-Key": "Keys by which a CDN may purge it.",
    "Content-Language": "Languages of the texts.",
    "Vary": "`Accept-Language`",
}


class CatalogEndpoints:
    """The handlers of the operations."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._items = EncodedItems()

    async def list_products(self, call: Call) -> Answer:
        asked = call.query(ListQuery)
        page = await self._catalog.products(
            limit=asked.limit,
            cursor=asked.cursor,
            category=asked.category,
            collection=asked.collection,
            channel=asked.channel,
        )
        preferred = _preferred(call, asked.language)
        items = [self._items.of(product, preferred) for product in page.items]
        tags = (PRODUCTS,) if asked.collection is None else (PRODUCTS, MEMBERS)
        tag = etag_of(page_digest(items, page.next))
        return _answer(call, page_body(items, page.next), (item.language for item in items), etag=tag, tags=tags)

    async def get_product(self, call: Call) -> Answer:
        asked = call.query(ProductQuery)
        product = await self._catalog.product(call.parameters["slug"], channel=asked.channel)
        view = product_view(product, _preferred(call, asked.language))
        etag = f'W/"{view.version}-{view.language}"'.encode()
        return _answer(call, _encode(view), (view.language,), etag=etag, tags=(product_tag(view.id),))

    async def list_categories(self, call: Call) -> Answer:
        preferred = _preferred(call, call.query(CategoriesQuery).language)
        items: list[CategoryView] = [category_view(one, preferred) for one in await self._catalog.categories()]
        body = _encode(CategoriesView(items=items))
        return _answer(call, body, (item.language for item in items), etag=etag_of(body), tags=(CATEGORIES,))


def operations(catalog: Catalog) -> list[Operation]:
    """The catalogue's operations."""
    endpoints = CatalogEndpoints(catalog)

    def read(path: str, handler: Handler, id: str, summary: str, answer: Any, query: Any, **more: Any) -> Operation:
        errors: tuple[type[RengaError], ...] = (Invalid, *more.pop("errors", ()))
        return Operation(
            method="GET", path=path, handler=handler, access=PUBLIC, rate="read", id=id, summary=summary, tag="catalog",
            answer=answer, query=query, headers=("Accept-Language", "If-None-Match"), errors=errors,
            answer_headers=_ANSWER_HEADERS, **more,
        )  # fmt: skip

    return [
        read("/v1/products", endpoints.list_products, "listProducts", "List products, newest first", ProductPageView, ListQuery,
             description="The list is stable while products are added: a cursor continues where its page ended.",
             errors=(CursorInvalid, CategoryNotFound, CollectionNotFound)),
        read("/v1/products/{slug}", endpoints.get_product, "getProduct", "Read one product with its variants", ProductView,
             ProductQuery, path_help={"slug": "The product's slug, such as `cafe-serra-lenta`."}, errors=(ProductNotFound,)),
        read("/v1/categories", endpoints.list_categories, "listCategories", "List all categories", CategoriesView,
             CategoriesQuery),
    ]  # fmt: skip


def _preferred(call: Call, language: str | None) -> tuple[str, ...]:
    if language is not None and len(language) > LANGUAGE_CHARS_MAX:
        raise Invalid(f"language has more than {LANGUAGE_CHARS_MAX} characters", limit=LANGUAGE_CHARS_MAX)
    return wanted(language, call.header(b"accept-language") or "")


def _answer(call: Call, body: bytes, languages: Iterable[str], *, tags: Sequence[str], etag: bytes) -> Answer:
    headers = [
        (b"etag", etag),
        (b"cache-control", CACHE_CONTROL),
        (b"surrogate-key", " ".join(tags).encode()),
        (b"vary", b"Accept-Language"),
    ]
    if spoken := ", ".join(dict.fromkeys(filter(None, languages))):
        headers.append((b"content-language", spoken.encode()))
    if matches(call.headers.get(b"if-none-match"), etag):
        return Answer(304, b"", headers)
    return Answer(200, body, headers)


_encode = msgspec.json.Encoder().encode
