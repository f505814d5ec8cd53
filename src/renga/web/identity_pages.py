"""What the pages of accounts need from the rest of the house; a shop without it has no accounts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from litestar import Request

from renga.identity.contract import Account, Accounts, ApiKeys, Clients, Consents, Merchants
from renga.platform.sessions.port import Sessions

#: Who a guest's cart (its id) belongs to from now on; answers the cart to go on with.
TakeOver = Callable[[str, str], Awaitable[str]]


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """An external identity provider: ``start`` is the path that leads to it; it takes ``?next=``."""

    name: str
    start: str


def network_address(request: Request[Any, Any, Any]) -> str:
    """The address of the network peer: right where no proxy stands before us."""
    return request.client.host if request.client else ""


class IdentityPages(msgspec.Struct, frozen=True, kw_only=True):
    """Contracts and callables behind the pages.

    ``key_scopes``  the scopes that an account may give to an API key
    ``address_of``  from where a request comes (wiring knows which proxies to trust)
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
    providers: tuple[Provider, ...] = ()
    address_of: Callable[[Request[Any, Any, Any]], str] = network_address
