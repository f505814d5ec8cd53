"""Dependencies of the account pages; without them a shop has no accounts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from litestar import Request, Response

from renga.domains.identity.contract import (
    Account,
    Accounts,
    ApiKeys,
    CallerFacts,
    Clients,
    Consents,
    Merchants,
    NoCallerFacts,
)
from renga.platform.sessions.port import Sessions

#: Assigns a browser's cart (id or None) to an account; returns the id of the account's cart, or None.
TakeOver = Callable[[str | None, str], Awaitable[str | None]]
#: Logs in an externally authenticated account: account, ``amr`` (RFC 8176), path to redirect to.
LogIn = Callable[[Request[Any, Any, Any], Account, tuple[str, ...], str], Awaitable[Response[Any]]]


class ProviderLink(msgspec.Struct, frozen=True, kw_only=True):
    """An external identity provider: ``start`` is the path that starts a login there; it takes ``?next=``."""

    name: str
    start: str


def network_address(request: Request[Any, Any, Any]) -> str:
    """The client address from the authentication middleware (which knows trusted proxies), else the network peer."""
    gate: str | None = request.scope.get("renga_client")  # type: ignore[assignment]  # key set by the authentication middleware
    if gate:
        return gate
    return request.client.host if request.client else ""


class IdentityPages(msgspec.Struct, frozen=True, kw_only=True):
    """Contracts and functions behind the pages.

    ``key_scopes``  the scopes that an account may give to an API key
    ``address_of``  the network address of a request
    ``external``    makes the handlers of logins by external providers, given the function that logs in
    ``facts``       verified facts of buyers: whose prices they see
    ``consents``    None: no authorization server, so no consent screen
    """

    accounts: Accounts
    clients: Clients
    api_keys: ApiKeys
    merchants: Merchants
    sessions: Sessions
    take_over: TakeOver
    key_scopes: Callable[[Account], Sequence[str]]
    consents: Consents | None = None
    facts: CallerFacts = NoCallerFacts()
    providers: tuple[ProviderLink, ...] = ()
    external: Callable[[LogIn], Sequence[Any]] | None = None
    address_of: Callable[[Request[Any, Any, Any]], str] = network_address
