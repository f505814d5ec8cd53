"""What every REST handler reads of a request: who calls, and the idempotency key."""

from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter

from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid, Unauthenticated
from renga.kernel.once import KEY_CHARACTERS_MAX, Once
from renga.platform.auth.principal import Principal, caller_of

AnyRequest = Request[Any, Any, Any]

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A text of your choice (a UUID is best); the same key again gives the same outcome, once.",
        max_length=KEY_CHARACTERS_MAX,
    ),
]


def who_asks(request: AnyRequest) -> Caller:
    """Who asks, as contracts take it; what needs somebody says so itself."""
    principal = request.scope.get("renga_principal")
    return caller_of(principal if isinstance(principal, Principal) else None)


#: How the header of an answer that is an earlier one's is described.
REPLAYED = ResponseHeader(
    name="Idempotency-Replayed",
    description="`true`: an earlier request with this key did it, and this is what it was answered.",
    documentation_only=True,
)


def replayed(once: Once | None) -> dict[str, str]:
    """The header of an answer that an earlier request with this key got."""
    return {"Idempotency-Replayed": "true"} if once is not None and once.replay.happened else {}


def caller(request: AnyRequest) -> Principal:
    """The credential of who calls. Raises Unauthenticated, also where no edge has looked at the credential."""
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
