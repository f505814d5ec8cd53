"""REST: the products of the caller's merchants, in any state. Other merchants' products are "not found"."""

from typing import Annotated

from litestar import Response, delete, get, patch, post, put
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Parameter

from renga.domains.catalog.contract import (
    PAGE_MAX,
    BundlePartForeign,
    CatalogManagement,
    CursorInvalid,
    Product,
    ProductChanged,
    ProductNotFound,
    ProductSlugTaken,
    RowInvalid,
    SkuTaken,
    Status,
)
from renga.domains.catalog.rest import examples
from renga.domains.catalog.rest.documents import ManagedProduct, ManagedProductsPage, ProductPatch, ProductRow
from renga.domains.catalog.rest.preconditions import (
    CREATE_ONLY,
    IfMatch,
    IfNoneMatch,
    etag,
    expected_version,
    preconditions,
)
from renga.domains.catalog.rest.shared import JSON, MERGE_PATCH, Cursor, Name, document, write_access
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden, Invalid, PreconditionFailed, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.openapi_handlers import bounds, takes
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, IdempotencyKey, key_of, who_asks

_WRITE_ERRORS = (
    *(Unauthenticated, Forbidden, Invalid, InvalidJson, UnsupportedMediaType, RowInvalid, SkuTaken, ProductChanged),
    BundlePartForeign,
)
_ETAG = [ResponseHeader(name="ETag", description="The version, for If-Match.", documentation_only=True)]


def managed(product: Product) -> ManagedProduct:
    """The native row with the members set by the catalogue."""
    return ManagedProduct(**{name: getattr(product, name) for name in product.__struct_fields__})


def answer(product: Product, status: int = 200, **headers: str) -> Response[ManagedProduct]:
    """A product with its ETag."""
    return Response(managed(product), status_code=status, headers={"ETag": etag(product.version), **headers})


def shown(status: int, description: str) -> dict[int, ResponseSpec]:
    """The OpenAPI description of a response with a product."""
    return {
        status: ResponseSpec(
            ManagedProduct,
            description=description,
            generate_examples=False,
            examples=[Example(value=examples.ANSWERED)],
        )
    }


def routes(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    """The handlers of ``/products``."""
    return [*_reading(catalog), _creating(catalog), _replacing(catalog), *_changing(catalog)]


def _reading(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    @get(
        "/products",
        operation_id="listOwnProducts",
        summary="List your products in any state, newest first",
        opt=write_access(),
        responses={
            200: ResponseSpec(
                ManagedProductsPage,
                description="A page.",
                generate_examples=False,
                examples=[Example(value={"items": [examples.ANSWERED], "next": None})],
            ),
            **problems(Unauthenticated, Forbidden, Invalid, CursorInvalid),
        },
    )
    async def list_products(
        request: AnyRequest,
        limit: Annotated[int, Parameter(description=f"Products on the page, from 1 to {PAGE_MAX}.")] = 20,
        cursor: Cursor = None,
        status: Annotated[Status | None, Parameter(description="Only products in this state.")] = None,
    ) -> ManagedProductsPage:
        page = await catalog.own_products(who_asks(request), limit=limit, cursor=cursor, status=status)
        return ManagedProductsPage(items=tuple(managed(product) for product in page.items), next=page.next)

    @get(
        "/products/{slug:str}",
        operation_id="readOwnProduct",
        summary="Read one of your products",
        opt=write_access(),
        response_headers=_ETAG,
        responses={**shown(200, "The product."), **problems(Unauthenticated, Forbidden, ProductNotFound)},
    )
    async def read_product(request: AnyRequest, slug: Name) -> Response[ManagedProduct]:
        return answer(await catalog.own_product(who_asks(request), slug))

    return [list_products, read_product]


def _creating(catalog: CatalogManagement) -> HTTPRouteHandler:
    @post(
        "/products",
        operation_id="createProduct",
        summary="Create a product",
        description=(
            "The native row; see `docs/guides/catalogue.md`. Without `status` it is sold at once; with `draft` it is not sold "
            "yet. `merchant` is optional if you have exactly one."
        ),
        opt=write_access() | takes(JSON, kind=ProductRow, example=examples.PRODUCT),
        response_headers=[
            *_ETAG,
            ResponseHeader(name="Location", description="URL of the product.", documentation_only=True),
            ResponseHeader(
                name="Idempotency-Replayed",
                description="`true`: an earlier request with this key created it.",
                documentation_only=True,
            ),
        ],
        responses={**shown(201, "Created."), **problems(*_WRITE_ERRORS, ProductSlugTaken, IdempotencyConflict)},
    )
    async def create_product(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[ManagedProduct]:
        key, row = key_of(idempotency_key), await document(request, JSON)
        replayed = {}
        if key is None:
            product = await catalog.create_product(who_asks(request), row)
        else:
            product, again = await catalog.create_product_once(who_asks(request), row, key=key)
            replayed = {"Idempotency-Replayed": "true"} if again else {}
        return answer(product, 201, Location=f"/v1/catalog/products/{product.slug}", **replayed)

    return create_product


def _replacing(catalog: CatalogManagement) -> HTTPRouteHandler:
    @put(
        "/products/{slug:str}",
        operation_id="replaceProduct",
        summary="Create or replace a product",
        description=(
            "Created if it does not exist (201). Members that the row omits are removed, except merchant, status and scheduled "
            "prices, which stay. Members that only the catalogue sets (`version`, `history` …) are ignored."
        ),
        opt=write_access() | takes(JSON, kind=ProductRow, example=examples.PRODUCT) | bounds(CREATE_ONLY),
        response_headers=_ETAG,
        responses={
            **shown(200, "Changed, or unchanged."),
            **shown(201, "Created."),
            **problems(*_WRITE_ERRORS, ProductNotFound, PreconditionFailed),
        },
    )
    async def replace_product(
        request: AnyRequest, slug: Name, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
    ) -> Response[ManagedProduct]:
        caller, row = who_asks(request), await document(request, JSON)
        there = await _version(catalog, caller, slug)

        async def version() -> int | None:
            return there

        expected = await expected_version(if_match, version, if_none_match=if_none_match)
        with preconditions():
            product = await catalog.replace_product(caller, slug, row, expected_version=expected)
        if there is not None:
            return answer(product)
        return answer(product, 201, Location=f"/v1/catalog/products/{product.slug}")

    return replace_product


def _changing(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    @patch(
        "/products/{slug:str}",
        operation_id="patchProduct",
        summary="Change a product partially",
        description=(
            "A JSON merge patch (RFC 7396) of the native row: null removes a member, lists (such as variants) are replaced whole."
        ),
        opt=write_access() | takes(MERGE_PATCH, kind=ProductPatch, example=examples.PATCH),
        response_headers=_ETAG,
        responses={
            **shown(200, "Changed, or unchanged."),
            **problems(*_WRITE_ERRORS, ProductNotFound, PreconditionFailed),
        },
    )
    async def patch_product(request: AnyRequest, slug: Name, if_match: IfMatch = None) -> Response[ManagedProduct]:
        caller, changes = who_asks(request), await document(request, MERGE_PATCH)

        async def version() -> int | None:
            return await _version(catalog, caller, slug)

        expected = await expected_version(if_match, version)
        with preconditions():
            return answer(await catalog.patch_product(caller, slug, changes, expected_version=expected))

    @delete(
        "/products/{slug:str}",
        operation_id="archiveProduct",
        summary="Archive a product",
        description="It is no longer sold, but kept for old orders; a patch of `status` restores it.",
        status_code=200,
        opt=write_access(),
        response_headers=_ETAG,
        responses={
            **shown(200, "Archived."),
            **problems(Unauthenticated, Forbidden, ProductNotFound, PreconditionFailed, ProductChanged),
        },
    )
    async def archive_product(request: AnyRequest, slug: Name, if_match: IfMatch = None) -> Response[ManagedProduct]:
        caller = who_asks(request)

        async def version() -> int | None:
            return await _version(catalog, caller, slug)

        expected = await expected_version(if_match, version)
        with preconditions():
            return answer(await catalog.archive_product(caller, slug, expected_version=expected))

    return [patch_product, archive_product]


async def _version(catalog: CatalogManagement, caller: Caller, slug: str) -> int | None:
    try:
        return (await catalog.own_product(caller, slug)).version
    except ProductNotFound:
        return None
