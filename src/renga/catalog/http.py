"""REST: products and categories for everyone to read, in the reader's language, cheap to ask again (ETag)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Parameter

from renga.catalog.contract import (
    CATEGORIES,
    DEFAULT_CHANNEL,
    PAGE_MAX,
    PRODUCTS,
    Catalog,
    CategoryNotFound,
    CollectionNotFound,
    CursorInvalid,
    ProductNotFound,
    product_tag,
)
from renga.catalog.views import (
    CategoriesView,
    CategoryView,
    ProductPageView,
    ProductView,
    category_view,
    page_view,
    product_view,
)
from renga.kernel.errors import Invalid, RengaError
from renga.kernel.languages import wanted
from renga.platform.auth.access import PUBLIC
from renga.platform.http.problems import CONTENT_TYPE, Problem, status_of

AnyRequest = Request[Any, Any, Any]

#: Anyone may keep the answer for a moment; a CDN longer, if it drops by Surrogate-Key what the news makes untrue.
CACHE_CONTROL = "public, max-age=5, stale-while-revalidate=30"
LANGUAGE_CHARS_MAX = 35

Limit = Annotated[
    int,
    Parameter(
        description=f"Products on the page, from 1 to {PAGE_MAX}.", schema_extra={"minimum": 1, "maximum": PAGE_MAX}
    ),
]
Cursor = Annotated[str | None, Parameter(description="`next` of the page before; only good for the same list.")]
InCategory = Annotated[
    str | None,
    Parameter(
        description="Slug of a category; the categories below it count too.",
        examples=[Example(value="mesa-e-ceramica")],
    ),
]
Language = Annotated[
    str | None,
    Parameter(
        description="Language tag that goes before Accept-Language.",
        examples=[Example(value="pt-BR"), Example(value="en")],
        max_length=LANGUAGE_CHARS_MAX,
    ),
]
_HEADERS = [
    ResponseHeader(name="ETag", description="Changes when the answer does.", documentation_only=True),
    ResponseHeader(name="Content-Language", description="Languages of the texts.", documentation_only=True),
    ResponseHeader(name="Vary", description="`Accept-Language`", documentation_only=True),
]


def routes(catalog: Catalog) -> list[HTTPRouteHandler]:
    """The catalogue's handlers."""

    @get(
        "/v1/products",
        operation_id="listProducts",
        summary="List products, newest first",
        description="The list is stable while products are added: a cursor goes on where its page ended.",
        tags=["catalog"],
        opt={"access": PUBLIC},
        response_headers=_HEADERS,
        responses=_errors(Invalid, CursorInvalid, CategoryNotFound, CollectionNotFound),
    )
    async def list_products(
        request: AnyRequest,
        limit: Limit = 20,
        cursor: Cursor = None,
        category: InCategory = None,
        collection: Annotated[str | None, Parameter(description="Slug of a collection, instead of a category.")] = None,
        channel: Annotated[str, Parameter(description="Where the products are sold.")] = DEFAULT_CHANNEL,
        language: Language = None,
    ) -> Response[ProductPageView]:
        page = await catalog.products(
            limit=limit, cursor=cursor, category=category, collection=collection, channel=channel
        )
        view = page_view(page, _wishes(request, language))
        return _answer(request, view, (item.language for item in view.items), tags=(PRODUCTS,))

    @get(
        "/v1/products/{slug:str}",
        operation_id="getProduct",
        summary="Read one product with its variants",
        tags=["catalog"],
        opt={"access": PUBLIC},
        response_headers=_HEADERS,
        responses=_errors(ProductNotFound),
    )
    async def get_product(
        request: AnyRequest,
        slug: Annotated[
            str, Parameter(description="The product's slug.", examples=[Example(value="cafe-serra-lenta")])
        ],
        channel: Annotated[str, Parameter(description="Where the product is sold.")] = DEFAULT_CHANNEL,
        language: Language = None,
    ) -> Response[ProductView]:
        view = product_view(await catalog.product(slug, channel=channel), _wishes(request, language))
        return _answer(
            request,
            view,
            [view.language],
            etag=f'W/"{view.version}-{view.language}"',
            tags=(product_tag(view.id),),
        )

    @get(
        "/v1/categories",
        operation_id="listCategories",
        summary="List all categories",
        tags=["catalog"],
        opt={"access": PUBLIC},
        response_headers=_HEADERS,
        responses=_errors(),
    )
    async def list_categories(request: AnyRequest, language: Language = None) -> Response[CategoriesView]:
        wishes = _wishes(request, language)
        items: list[CategoryView] = [category_view(category, wishes) for category in await catalog.categories()]
        return _answer(request, CategoriesView(items=items), (item.language for item in items), tags=(CATEGORIES,))

    return [list_products, get_product, list_categories]


def _wishes(request: AnyRequest, language: str | None) -> tuple[str, ...]:
    return wanted(language, request.headers.get("accept-language", ""))


def _answer(
    request: AnyRequest, view: Any, languages: Iterable[str], *, tags: Sequence[str], etag: str = ""
) -> Response[Any]:
    body = msgspec.json.encode(view)
    tag = etag or f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Cache-Control": CACHE_CONTROL,
        "Surrogate-Key": " ".join(tags),
        "Vary": "Accept-Language",
    }
    if spoken := ", ".join(dict.fromkeys(filter(None, languages))):
        headers["Content-Language"] = spoken
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110 §8.8.3.2, §13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def _errors(*errors: type[RengaError]) -> Mapping[int, ResponseSpec]:
    by_status: dict[int, list[type[RengaError]]] = {}
    for error in errors:
        by_status.setdefault(status_of(error), []).append(error)
    return {
        status: ResponseSpec(
            Problem,
            description="; ".join(f"`{error.code}`: {error.title}" for error in group),
            media_type=CONTENT_TYPE,
            generate_examples=False,
        )
        for status, group in by_status.items()
    }
