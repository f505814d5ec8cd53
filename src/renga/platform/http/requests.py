"""What every REST handler reads from a request: the caller and the idempotency key."""

from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter

from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid, Unauthenticated
from renga.kernel.once import KEY_CHARACTERS_MAX, KEY_PATTERN, Once
from renga.platform.auth.principal import Principal, caller_of

AnyRequest = Request[Any, Any, Any]

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A string of your choice (best a UUID). Repeating a request with the same key has no second effect.",
        min_length=1,
        max_length=KEY_CHARACTERS_MAX,
        pattern=KEY_PATTERN,
    ),
]


def who_asks(request: AnyRequest) -> Caller:
    """The caller, as contracts take it: a guest if there is no credential. The contract rejects guests where it must."""
    principal = request.scope.get("renga_principal")
    return caller_of(principal if isinstance(principal, Principal) else None)


#: The response header that marks the stored response of an earlier request.
REPLAYED = ResponseHeader(
    name="Idempotency-Replayed",
    description="`true`: an earlier request with this key was executed; this is its stored response.",
    documentation_only=True,
)


def replayed(once: Once | None) -> dict[str, str]:
    """The header of a response that was stored for an earlier request with this key."""
    return {"Idempotency-Replayed": "true"} if once is not None and once.replay.happened else {}


def caller(request: AnyRequest) -> Principal:
    """The caller's credential. Raises Unauthenticated, also if no edge has checked a credential."""
    principal = request.scope.get("renga_principal")
    if not isinstance(principal, Principal):
        raise Unauthenticated()
    return principal


def key_of(header: str | None) -> str | None:
    """The idempotency key in a header, if there is one. Raises Invalid."""
    if header is None:
        return None
    key = header.strip().strip('"')
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX or not key.isascii() or not key.isprintable():
        raise Invalid(f"an Idempotency-Key has 1 to {KEY_CHARACTERS_MAX} printable ASCII characters")
    return key
