"""REST: the products of one's merchants, in any state. What is another merchant's does not exist for her."""

from typing import Annotated, Any, Protocol

from litestar import Response, delete, get, patch, post, put
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Parameter

from renga.domains.catalog.contract import (
    PAGE_MAX,
    Category,
    CursorInvalid,
    Product,
    ProductChanged,
    ProductNotFound,
    ProductPage,
    SlugTaken,
    Status,
)
from renga.domains.catalog.dependencies import Merchants
from renga.domains.catalog.intake.upsert_products import SkuTaken
from renga.domains.catalog.rest import examples
from renga.domains.catalog.rest.documents import ManagedProduct, ManagedProductsPage, ProductPatch, ProductRow
from renga.domains.catalog.rest.preconditions import IfMatch, IfNoneMatch, etag, expected_version, preconditions
from renga.domains.catalog.rest.shared import JSON, MERGE_PATCH, Cursor, Name, document, reach, write_access
from renga.domains.catalog.rows.drafts import RowInvalid
from renga.domains.catalog.rows.members import known, on_shelves
from renga.kernel.errors import Forbidden, Invalid, PreconditionFailed, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.openapi_handlers import takes
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, IdempotencyKey, caller, key_of

_WRITE_ERRORS = (
    *(Unauthenticated, Forbidden, Invalid, InvalidJson, UnsupportedMediaType, RowInvalid, SkuTaken, ProductChanged),
)
_ETAG = [ResponseHeader(name="ETag", description="The version, for If-Match.", documentation_only=True)]


class Products(Protocol):
    """What is needed of the catalogue; see ``CatalogService`` for what each raises."""

    async def categories(self) -> tuple[Category, ...]: ...

    async def own_product(self, slug: str, *, merchants: Merchants = None) -> Product: ...

    async def own_products(
        self, *, merchants: Merchants = None, limit: int = 20, cursor: str | None = None, status: Status | None = None
    ) -> ProductPage: ...

    async def create_product(self, row: dict[str, Any], *, merchants: Merchants = None) -> Product: ...

    async def create_product_once(
        self, row: dict[str, Any], *, subject: str, key: str, merchants: Merchants = None
    ) -> tuple[Product, bool]: ...

    async def replace_product(
        self, slug: str, row: dict[str, Any], *, expected_version: int | None = None, merchants: Merchants = None
    ) -> Product: ...

    async def patch_product(
        self, slug: str, changes: dict[str, Any], *, expected_version: int | None = None, merchants: Merchants = None
    ) -> Product: ...

    async def archive_product(
        self, slug: str, *, expected_version: int | None = None, merchants: Merchants = None
    ) -> Product: ...


def managed(product: Product) -> ManagedProduct:
    """The native row, and with it what the catalogue keeps."""
    return ManagedProduct(**{name: getattr(product, name) for name in product.__struct_fields__})


def answer(product: Product, status: int = 200, **headers: str) -> Response[ManagedProduct]:
    """A product with its ETag."""
    return Response(managed(product), status_code=status, headers={"ETag": etag(product.version), **headers})


def shown(status: int, description: str) -> dict[int, ResponseSpec]:
    """How an answer with a product is described."""
    return {
        status: ResponseSpec(
            ManagedProduct,
            description=description,
            generate_examples=False,
            examples=[Example(value=examples.ANSWERED)],
        )
    }


def routes(catalog: Products) -> list[HTTPRouteHandler]:
    """The handlers of ``/products``."""
    return [*_reading(catalog), _creating(catalog), _replacing(catalog), *_changing(catalog)]


def _reading(catalog: Products) -> list[HTTPRouteHandler]:
    @get(
        "/products",
        operation_id="listOwnProducts",
        summary="List one's products in any state, newest first",
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
        page = await catalog.own_products(merchants=reach(request), limit=limit, cursor=cursor, status=status)
        return ManagedProductsPage(items=tuple(managed(product) for product in page.items), next=page.next)

    @get(
        "/products/{slug:str}",
        operation_id="readOwnProduct",
        summary="Read one of one's products, whole",
        opt=write_access(),
        response_headers=_ETAG,
        responses={**shown(200, "The product."), **problems(Unauthenticated, Forbidden, ProductNotFound)},
    )
    async def read_product(request: AnyRequest, slug: Name) -> Response[ManagedProduct]:
        return answer(await catalog.own_product(slug, merchants=reach(request)))

    return [list_products, read_product]


def _creating(catalog: Products) -> HTTPRouteHandler:
    @post(
        "/products",
        operation_id="createProduct",
        summary="Create a product",
        description=(
            "The native row; see `docs/guides/catalogue.md`. Without `status` it is sold at once: say `draft` to look at it "
            "first. `merchant` may be left out by who has one only."
        ),
        opt=write_access() | takes(JSON, kind=ProductRow, example=examples.PRODUCT),
        response_headers=[
            *_ETAG,
            ResponseHeader(name="Location", description="Where the product is.", documentation_only=True),
            ResponseHeader(
                name="Idempotency-Replayed",
                description="`true`: an earlier request with this key made it.",
                documentation_only=True,
            ),
        ],
        responses={**shown(201, "Created."), **problems(*_WRITE_ERRORS, SlugTaken, IdempotencyConflict)},
    )
    async def create_product(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[ManagedProduct]:
        key, merchants = key_of(idempotency_key), reach(request)
        row = await _row(catalog, request, JSON, merchants)
        _check_merchant(row, merchants)
        replayed = {}
        if key is None:
            product = await catalog.create_product(row, merchants=merchants)
        else:
            subject = caller(request).subject
            product, again = await catalog.create_product_once(row, subject=subject, key=key, merchants=merchants)
            replayed = {"Idempotency-Replayed": "true"} if again else {}
        return answer(product, 201, Location=f"/v1/catalog/products/{product.slug}", **replayed)

    return create_product


def _replacing(catalog: Products) -> HTTPRouteHandler:
    @put(
        "/products/{slug:str}",
        operation_id="replaceProduct",
        summary="Make a product be as the row says",
        description=(
            "Created if it is not there (201). What the row leaves out is removed; merchant, status and scheduled prices that it "
            "does not name stay. Members that only the catalogue sets (`version`, `history` …) are not heard."
        ),
        opt=write_access() | takes(JSON, kind=ProductRow, example=examples.PRODUCT),
        response_headers=_ETAG,
        responses={
            **shown(200, "Changed, or so already."),
            **shown(201, "Created."),
            **problems(*_WRITE_ERRORS, ProductNotFound, PreconditionFailed),
        },
    )
    async def replace_product(
        request: AnyRequest, slug: Name, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
    ) -> Response[ManagedProduct]:
        merchants = reach(request)
        row = await _row(catalog, request, JSON, merchants)
        there = await _version(catalog, slug, merchants)

        async def version() -> int | None:
            return there

        expected = await expected_version(if_match, version, if_none_match=if_none_match)
        if there is None:
            _check_merchant(row, merchants)
        with preconditions():
            product = await catalog.replace_product(slug, row, expected_version=expected, merchants=merchants)
        if there is not None:
            return answer(product)
        return answer(product, 201, Location=f"/v1/catalog/products/{product.slug}")

    return replace_product


def _changing(catalog: Products) -> list[HTTPRouteHandler]:
    @patch(
        "/products/{slug:str}",
        operation_id="patchProduct",
        summary="Change some of a product",
        description=(
            "A JSON merge patch (RFC 7396) of the native row: null takes a member away, lists (variants, say) are replaced whole."
        ),
        opt=write_access() | takes(MERGE_PATCH, kind=ProductPatch, example=examples.PATCH),
        response_headers=_ETAG,
        responses={
            **shown(200, "Changed, or so already."),
            **problems(*_WRITE_ERRORS, ProductNotFound, PreconditionFailed),
        },
    )
    async def patch_product(request: AnyRequest, slug: Name, if_match: IfMatch = None) -> Response[ManagedProduct]:
        merchants = reach(request)
        changes = await _row(catalog, request, MERGE_PATCH, merchants)

        async def version() -> int | None:
            return await _version(catalog, slug, merchants)

        expected = await expected_version(if_match, version)
        with preconditions():
            return answer(await catalog.patch_product(slug, changes, expected_version=expected, merchants=merchants))

    @delete(
        "/products/{slug:str}",
        operation_id="archiveProduct",
        summary="Archive a product",
        description="It is sold nowhere any more and kept for old orders; a patch of `status` brings it back.",
        status_code=200,
        opt=write_access(),
        response_headers=_ETAG,
        responses={
            **shown(200, "Archived."),
            **problems(Unauthenticated, Forbidden, ProductNotFound, PreconditionFailed, ProductChanged),
        },
    )
    async def archive_product(request: AnyRequest, slug: Name, if_match: IfMatch = None) -> Response[ManagedProduct]:
        merchants = reach(request)

        async def version() -> int | None:
            return await _version(catalog, slug, merchants)

        expected = await expected_version(if_match, version)
        with preconditions():
            return answer(await catalog.archive_product(slug, expected_version=expected, merchants=merchants))

    return [patch_product, archive_product]


async def _row(catalog: Products, request: AnyRequest, kind: str, merchants: Merchants) -> dict[str, Any]:
    """The body as a row that names nothing unknown; a merchant's may not make categories. Raises RowInvalid."""
    row = known(await document(request, kind))
    if merchants is not None and row.get("categories"):
        on_shelves(row, {category.slug for category in await catalog.categories()})
    return dict(row)


def _check_merchant(row: dict[str, Any], merchants: Merchants) -> None:
    """Who may write for every merchant says for which a new product is. Raises RowInvalid."""
    if merchants is None and row.get("merchant") is None:
        raise RowInvalid([("merchant", "is missing: a new product belongs to a merchant")])


async def _version(catalog: Products, slug: str, merchants: Merchants) -> int | None:
    try:
        return (await catalog.own_product(slug, merchants=merchants)).version
    except ProductNotFound:
        return None
