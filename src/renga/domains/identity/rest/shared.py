"""Shared by identity's REST handlers: caller, origin, idempotency key, example bodies, first-party check."""

import hashlib
from typing import Annotated, Any

from litestar.openapi.spec import Example
from litestar.params import Body, PathParameter

from renga.domains.identity.contract import FRESH_LOGIN_S, CallOrigin, ClientNotFound, Clients
from renga.kernel.errors import Forbidden
from renga.kernel.once import Once
from renga.platform.auth.access import Access
from renga.platform.auth.principal import Principal
from renga.platform.http.requests import AnyRequest, caller, key_of

AGENT_CHARACTERS_MAX = 300

#: An object's id in a path; another account's object answers 404, like one that does not exist.
Id = Annotated[str, PathParameter(max_length=200)]


class FirstPartyOnly(Forbidden):
    code = "first_party_only"
    title = "Only the shop's own pages and applications may do this"


def body(value: Any) -> Any:
    """The OpenAPI example of a request's body."""
    return Body(examples=[Example(value=value)])


def opt(*scopes: str, objects: str, rate: str = "", fresh: bool = False) -> dict[str, Any]:
    """A handler's ``opt``: the access it requires, and its rate class if it differs from the method's default.

    ``fresh``: also a login that is at most FRESH_LOGIN_S old.
    """
    access = Access(scopes=scopes, objects=objects, fresh_s=FRESH_LOGIN_S if fresh else None)
    declared: dict[str, Any] = {"access": access}
    return declared | {"rate": rate} if rate else declared


def origin(request: AnyRequest) -> CallOrigin:
    """The caller's network address as the edge determined it (never a header of the client), and the user agent."""
    address = request.scope.get("renga_client")
    if not isinstance(address, str):
        address = request.client.host if request.client else ""
    return CallOrigin(address=address, agent=request.headers.get("user-agent", "")[:AGENT_CHARACTERS_MAX])


async def once(request: AnyRequest, principal: Principal, key: str | None) -> Once | None:
    """The request with its idempotency key; None without a key. Raises Invalid."""
    key = key_of(key)
    if key is None:
        return None
    asked = b"\n".join((request.method.encode(), request.url.path.encode(), await request.body()))
    return Once(scope=principal.subject, key=key, fingerprint=hashlib.sha256(asked).digest())


async def first_party_caller(request: AnyRequest, clients: Clients) -> Principal:
    """The caller, for operations that could take over an account. Raises FirstPartyOnly.

    Only a session or a token of a first-party client may change credentials or create keys; an API key or a third-party
    client may not.
    """
    principal = caller(request)
    if principal.kind == "session":
        return principal
    if principal.kind == "token" and principal.client_id is not None:
        try:
            client = await clients.find(principal.client_id)
        except ClientNotFound:
            raise FirstPartyOnly() from None
        if client.first_party:
            return principal
    raise FirstPartyOnly()
