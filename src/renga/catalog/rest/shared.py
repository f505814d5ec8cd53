"""What every handler of the merchants' REST face shares: who calls, versions as ETags, bodies with names that are known."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, Parameter, PathParameter

from renga.kernel.errors import Invalid, PreconditionFailed, RengaError, Unauthenticated
from renga.platform.auth.access import Access
from renga.platform.auth.principal import Principal
from renga.platform.http.problems import CONTENT_TYPE, InvalidJson, Problem, UnsupportedMediaType, status_of

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")

HERS = "products of her merchants; of every merchant with `catalog:manage`"
SHOP = "the whole shop"

JSON, MERGE_PATCH, ROWS = "application/json", "application/merge-patch+json", "application/x-ndjson"
NAME_CHARACTERS_MAX = 200
ETAGS_CHARACTERS_MAX = 1_000

Name = Annotated[str, PathParameter(max_length=NAME_CHARACTERS_MAX)]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="ETags of which one must be the present version's, or `*`; else 412. Without it the last writer wins.",
        max_length=ETAGS_CHARACTERS_MAX,
    ),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match", description="`*`: only if there is none yet; else 412.", max_length=ETAGS_CHARACTERS_MAX
    ),
]
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


def reach(request: AnyRequest) -> frozenset[str] | None:
    """The merchants that the caller writes for; None: all."""
    return caller(request).reach


def etag(version: int) -> str:
    """The strong ETag of a version."""
    return f'"{version}"'


def expected_version(if_match: str | None, current: int | None) -> int | None:
    """The version that a write must find, None for any. ``current`` is the present one, None where there is nothing.

    Raises PreconditionFailed (RFC 9110 §13.1.1: strong comparison), Invalid.
    """
    if if_match is None:
        return None
    if current is not None and (if_match.strip() == "*" or etag(current) in _tags(if_match)):
        return current
    raise PreconditionFailed("it is not at one of these versions", version=current or 0)


def _tags(if_match: str) -> set[str]:
    return {tag.strip() for tag in if_match.split(",")}


def check_new(if_none_match: str | None, current: int | None) -> bool:
    """Must it be new? Raises PreconditionFailed if it must and is not, Invalid for anything but ``*``."""
    if if_none_match is None:
        return False
    if if_none_match.strip() != "*":
        raise Invalid("If-None-Match of a write is *")
    if current is not None:
        raise PreconditionFailed("it is there already", version=current)
    return True


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
    """The object as a struct. Raises Invalid, naming the path of what is wrong and members that are unknown."""
    _check_members(value, kind)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Invalid(str(error).replace("`$.", "`").replace("`$`", "the body")) from None


def _check_members(value: Mapping[str, Any], kind: Any) -> None:
    unknown = sorted(value.keys() - {field.name for field in msgspec.structs.fields(kind)})
    if unknown:
        raise Invalid(f"there is no member named {unknown[0][:NAME_CHARACTERS_MAX]!r}", member=unknown[0])


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
