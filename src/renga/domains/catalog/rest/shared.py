"""Shared by the handlers of the management API: access, parameters, JSON bodies."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import Parameter, PathParameter

from renga.domains.catalog.contract import OWN_PRODUCTS, WHOLE_CATALOGUE
from renga.kernel.errors import Invalid
from renga.kernel.members import invalid
from renga.platform.auth.access import Access
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.http.requests import AnyRequest
from renga.platform.json_bounds import check_containers

T = TypeVar("T", bound=msgspec.Struct)

OWN_MERCHANTS = "products of the caller's merchants; of every merchant with `catalog:manage`"
WHOLE_SHOP = "the whole shop"

JSON, MERGE_PATCH, ROWS = "application/json", "application/merge-patch+json", "application/x-ndjson"
NAME_CHARACTERS_MAX = 200

Name = Annotated[str, PathParameter(max_length=NAME_CHARACTERS_MAX)]
Cursor = Annotated[str | None, Parameter(description="`next` of the previous page; only valid for the same list.")]


def write_access(*, rate: str = "") -> dict[str, Any]:
    """A handler's ``opt`` for a merchant's own products."""
    access = Access(scopes=(OWN_PRODUCTS,), instead=(WHOLE_CATALOGUE,), objects=OWN_MERCHANTS)
    return {"access": access} | ({"rate": rate} if rate else {})


def manage_access() -> dict[str, Any]:
    """A handler's ``opt`` for resources of the whole shop."""
    return {"access": Access(scopes=(WHOLE_CATALOGUE,), objects=WHOLE_SHOP)}


async def document(request: AnyRequest, *types: str) -> dict[str, Any]:
    """The body as a JSON object. Raises UnsupportedMediaType, InvalidJson, JsonTooComplex, Invalid."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        raise UnsupportedMediaType(f"the body must be {' or '.join(types)}")
    body = await request.body()
    check_containers(body)
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InvalidJson(f"the body is not valid JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise Invalid("the body must be a JSON object")
    return decoded


def converted(value: Mapping[str, Any], kind: type[T]) -> T:
    """The object as a struct. Raises Invalid with the path of the invalid value or unknown member."""
    unknown = sorted(value.keys() - {field.name for field in msgspec.structs.fields(kind)})
    if unknown:
        raise Invalid(
            f"there is no member named {unknown[0][:NAME_CHARACTERS_MAX]!r}", field=unknown[0][:NAME_CHARACTERS_MAX]
        )
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise invalid(error, value, kind) from None
