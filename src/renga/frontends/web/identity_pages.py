"""What the pages of accounts need from the rest of the house; a shop without it has no accounts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response

from renga.domains.identity.contract import Account, Accounts, ApiKeys, Clients, Consents, Merchants
from renga.platform.sessions.port import Sessions

#: The cart that a browser came with (None: none) and whose it becomes; answers the cart to go on with (None: none).
TakeOver = Callable[[str | None, str], Awaitable[str | None]]
#: Lets in whom somebody else vouches for: account, methods (RFC 8176), where to go on to.
LogIn = Callable[[Request[Any, Any, Any], Account, tuple[str, ...], str], Awaitable[Response[Any]]]


class ProviderLink(msgspec.Struct, frozen=True, kw_only=True):
    """An external identity provider: ``start`` is the path that leads to it; it takes ``?next=``."""

    name: str
    start: str


def network_address(request: Request[Any, Any, Any]) -> str:
    """What the gate found (it knows which proxies to trust), else the network peer."""
    gate: str | None = request.scope.get("renga_client")  # type: ignore[assignment]  # the gate's own key
    if gate:
        return gate
    return request.client.host if request.client else ""


class IdentityPages(msgspec.Struct, frozen=True, kw_only=True):
    """Contracts and callables behind the pages.

    ``key_scopes``  the scopes that an account may give to an API key
    ``address_of``  from where a request comes
    ``external``    makes the handlers of logins by external providers, given how to let somebody in
    ``consents``    None: no authorization server here, so no consent screen
    """

    accounts: Accounts
    clients: Clients
    api_keys: ApiKeys
    merchants: Merchants
    sessions: Sessions
    take_over: TakeOver
    key_scopes: Callable[[Account], Sequence[str]]
    consents: Consents | None = None
    providers: tuple[ProviderLink, ...] = ()
    external: Callable[[LogIn], Sequence[Any]] | None = None
    address_of: Callable[[Request[Any, Any, Any]], str] = network_address
