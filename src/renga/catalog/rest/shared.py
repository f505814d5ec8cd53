"""What every handler of the merchants' REST face shares: who calls, keys, bodies with names that are known."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, Parameter, PathParameter

from renga.kernel.errors import Invalid, RengaError, Unauthenticated
from renga.kernel.once import KEY_CHARACTERS_MAX
from renga.platform.auth.access import Access
from renga.platform.auth.principal import Principal
from renga.platform.http.problems import CONTENT_TYPE, InvalidJson, Problem, UnsupportedMediaType, status_of

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T", bound=msgspec.Struct)

HERS = "products of her merchants; of every merchant with `catalog:manage`"
SHOP = "the whole shop"

JSON, MERGE_PATCH, ROWS = "application/json", "application/merge-patch+json", "application/x-ndjson"
NAME_CHARACTERS_MAX = 200

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A text of your choice (a UUID is best); the same key again gives the same outcome, once.",
        max_length=KEY_CHARACTERS_MAX,
    ),
]
Name = Annotated[str, PathParameter(max_length=NAME_CHARACTERS_MAX)]
Cursor = Annotated[str | None, Parameter(description="`next` of the page before; only good for the same list.")]


def write_access(*, rate: str = "") -> dict[str, Any]:
    """A handler's ``opt`` for a merchant's own products."""
    access = Access(scopes=("catalog:write",), instead=("catalog:manage",), objects=HERS)
    return {"access": access} | ({"rate": rate} if rate else {})


def manage_access() -> dict[str, Any]:
    """A handler's ``opt`` for what belongs to the whole shop."""
    return {"access": Access(scopes=("catalog:manage",), objects=SHOP)}


def caller(request: AnyRequest) -> Principal:
    """Who calls. Raises Unauthenticated, also where no edge has looked at the credential."""
    principal = request.scope.get("renga_principal")
    if not isinstance(principal, Principal):
        raise Unauthenticated()
    return principal


def key_of(key: str | None) -> str | None:
    """The idempotency key, if there is one. Raises Invalid."""
    if key is None:
        return None
    key = key.strip().strip('"')
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX or not key.isascii() or not key.isprintable():
        raise Invalid(f"an Idempotency-Key has 1 to {KEY_CHARACTERS_MAX} printable ASCII characters")
    return key


def reach(request: AnyRequest) -> frozenset[str] | None:
    """The merchants that the caller writes for; None: all."""
    return caller(request).reach


async def document(request: AnyRequest, *types: str) -> dict[str, Any]:
    """The body as a JSON object. Raises UnsupportedMediaType, InvalidJson, Invalid."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        raise UnsupportedMediaType(f"the body must be {' or '.join(types)}")
    try:
        decoded = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InvalidJson(f"the body is not valid JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise Invalid("the body must be a JSON object")
    return decoded


def converted(value: Mapping[str, Any], kind: type[T]) -> T:
    """The object as a struct. Raises Invalid, naming the path of what is wrong or the member that is unknown."""
    unknown = sorted(value.keys() - {field.name for field in msgspec.structs.fields(kind)})
    if unknown:
        raise Invalid(f"there is no member named {unknown[0][:NAME_CHARACTERS_MAX]!r}", member=unknown[0])
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Invalid(str(error).replace("`$.", "`")) from None


def problems(*errors: type[RengaError]) -> Mapping[int, ResponseSpec]:
    """The problem documents of an operation, by status."""
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
