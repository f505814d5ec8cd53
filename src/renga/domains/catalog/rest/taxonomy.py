"""REST: the operations that categories, collections and product types share: list, read, replace, patch, delete."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from litestar import Response, delete, get, patch, put
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from renga.domains.catalog.contract import (
    Category,
    Collection,
    ProductChanged,
    ProductType,
    TaxonomyInvalid,
    VersionMismatch,
)
from renga.domains.catalog.rest.preconditions import (
    CREATE_ONLY,
    IfMatch,
    IfNoneMatch,
    etag,
    expected_version,
    preconditions,
)
from renga.domains.catalog.rest.shared import JSON, MERGE_PATCH, Name, document, manage_access
from renga.domains.catalog.rows.native import merged
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden, Invalid, NotFound, PreconditionFailed, RengaError, Unauthenticated
from renga.platform.http.openapi_handlers import bounds, takes
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, who_asks

_READ_ERRORS = (Unauthenticated, Forbidden)
_WRITE_ERRORS = (*_READ_ERRORS, Invalid, InvalidJson, UnsupportedMediaType, TaxonomyInvalid, PreconditionFailed)
_ETAG = [ResponseHeader(name="ETag", description="The version, for If-Match.", documentation_only=True)]
#: Attempts of a patch without If-Match that conflicts with concurrent writes.
ATTEMPTS_MAX = 5


class TaxonomyKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of resource. ``path`` is used in URLs, ``singular`` in texts; ``put`` and ``drop`` take an expected version.

    ``view`` is the response type for one, ``views`` for all; ``row`` and ``patch`` are the types of request bodies.
    ``missing`` is the error of ``read`` if it does not exist; ``errors`` those of ``put``, ``drop_errors`` of ``drop``.
    """

    path: str
    singular: str
    operation: str
    plural: str
    view: Any
    views: Any
    row: type[msgspec.Struct]
    patch: type[msgspec.Struct]
    example: dict[str, Any]
    missing: type[NotFound]
    all: Callable[[], Awaitable[Sequence[Any]]]
    read: Callable[[str], Awaitable[Any]]
    put: Callable[[Caller, str, dict[str, Any], int | None], Awaitable[Any]]
    drop: Callable[[Caller, str, int | None], Awaitable[None]]
    errors: tuple[type[RengaError], ...] = ()
    drop_errors: tuple[type[RengaError], ...] = ()
    note: str = ""


def routes(shelf: TaxonomyKind) -> list[HTTPRouteHandler]:
    """The handlers of one kind."""
    return [*_reading(shelf), _replacing(shelf), *_changing(shelf)]


async def _known(version: int | None) -> int | None:
    return version


def _document(shelf: TaxonomyKind, one: Category | Collection | ProductType) -> Any:
    return shelf.view(**{name: getattr(one, name) for name in one.__struct_fields__})


def _answer(shelf: TaxonomyKind, one: Category | Collection | ProductType, status: int = 200) -> Response[Any]:
    return Response(_document(shelf, one), status_code=status, headers={"ETag": etag(one.version)})


def _shown(shelf: TaxonomyKind, status: int, description: str) -> dict[int, ResponseSpec]:
    example = {**shelf.example, "version": 1}
    return {
        status: ResponseSpec(
            shelf.view, description=description, generate_examples=False, examples=[Example(value=example)]
        )
    }


def _reading(shelf: TaxonomyKind) -> list[HTTPRouteHandler]:
    @get(
        f"/{shelf.path}",
        operation_id=f"listManaged{shelf.plural}",
        summary=f"List all {shelf.path.replace('-', ' ')}",
        opt=manage_access(),
        responses={
            200: ResponseSpec(
                shelf.views,
                description="All.",
                generate_examples=False,
                examples=[Example(value={"items": [{**shelf.example, "version": 1}]})],
            ),
            **problems(*_READ_ERRORS),
        },
    )
    async def list_all() -> Response[Any]:
        return Response(shelf.views(items=tuple(_document(shelf, one) for one in await shelf.all())))

    @get(
        f"/{shelf.path}/{{name:str}}",
        operation_id=f"read{shelf.operation}",
        summary=f"Read one {shelf.singular}",
        opt=manage_access(),
        response_headers=_ETAG,
        responses={**_shown(shelf, 200, "Found."), **problems(*_READ_ERRORS, shelf.missing)},
    )
    async def read(name: Name) -> Response[Any]:
        return _answer(shelf, await shelf.read(name))

    return [list_all, read]


async def _version_of(shelf: TaxonomyKind, name: str) -> int | None:
    """The current version; None if it does not exist."""
    try:
        return int((await shelf.read(name)).version)
    except shelf.missing:
        return None


def _replacing(shelf: TaxonomyKind) -> HTTPRouteHandler:
    @put(
        f"/{shelf.path}/{{name:str}}",
        operation_id=f"put{shelf.operation}",
        summary=f"Create or replace a {shelf.singular}",
        description=f"Created if it does not exist (201). {shelf.note}".strip(),
        opt=manage_access() | takes(JSON, kind=shelf.row, example=shelf.example) | bounds(CREATE_ONLY),
        response_headers=_ETAG,
        responses={
            **_shown(shelf, 200, "Changed, or unchanged."),
            **_shown(shelf, 201, "Created."),
            **problems(*_WRITE_ERRORS, *shelf.errors),
        },
    )
    async def replace(
        request: AnyRequest, name: Name, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
    ) -> Response[Any]:
        row = await document(request, JSON)
        there = await _version_of(shelf, name)
        expected = await expected_version(if_match, partial(_known, there), if_none_match=if_none_match)
        with preconditions():
            made = await shelf.put(who_asks(request), name, row, expected)
        return _answer(shelf, made, 201 if there is None else 200)

    return replace


def _changing(shelf: TaxonomyKind) -> list[HTTPRouteHandler]:
    @patch(
        f"/{shelf.path}/{{name:str}}",
        operation_id=f"patch{shelf.operation}",
        summary=f"Change a {shelf.singular} partially",
        description="A JSON merge patch (RFC 7396): null removes a member, lists are replaced as a whole.",
        opt=manage_access() | takes(MERGE_PATCH, kind=shelf.patch, example={"title": shelf.example["title"]}),
        response_headers=_ETAG,
        responses={
            **_shown(shelf, 200, "Changed, or unchanged."),
            **problems(*_WRITE_ERRORS, shelf.missing, ProductChanged, *shelf.errors),
        },
    )
    async def change(request: AnyRequest, name: Name, if_match: IfMatch = None) -> Response[Any]:
        changes = await document(request, MERGE_PATCH)
        for _ in range(ATTEMPTS_MAX):
            there = await shelf.read(name)
            wanted = await expected_version(if_match, partial(_known, there.version))
            if wanted not in (None, there.version):
                raise PreconditionFailed(f"it is at version {there.version}", version=there.version)
            row = merged(msgspec.to_builtins(there), changes)
            try:
                return _answer(shelf, await shelf.put(who_asks(request), name, row, there.version))
            except VersionMismatch as mismatch:
                if if_match is not None:
                    raise PreconditionFailed(mismatch.detail, version=mismatch.version) from mismatch
        raise ProductChanged("it was changed by someone else again and again")

    @delete(
        f"/{shelf.path}/{{name:str}}",
        operation_id=f"drop{shelf.operation}",
        summary=f"Delete a {shelf.singular}",
        status_code=204,
        opt=manage_access(),
        responses=problems(*_READ_ERRORS, shelf.missing, PreconditionFailed, *shelf.drop_errors),
    )
    async def drop(request: AnyRequest, name: Name, if_match: IfMatch = None) -> None:
        expected = await expected_version(if_match, partial(_version_of, shelf, name))
        with preconditions():
            await shelf.drop(who_asks(request), name, expected)

    return [change, drop]
