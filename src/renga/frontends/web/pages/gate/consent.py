"""The consent screen: client, scopes, account; allow or deny."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Response

from renga.domains.identity.contract import Account, Consents, PendingConsent
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.errors import FormInvalid, PageNotFound
from renga.frontends.web.scopes import in_words

_HOME = "/oauth/consent"
_REQUEST_MAX_CHARS = 300
#: URL schemes that a browser would execute; refused even if a client registered them.
_NEVER = frozenset(("javascript", "data", "vbscript", "blob", "file"))


def handlers(account_routes: AccountRoutes) -> list[Any]:
    if account_routes.identity.consents is None:
        return []
    return [account_routes.get(_HOME, _show), account_routes.post(_HOME, _decide, home="/account")]


async def _own_request(exchange: AccountExchange, request_id: str) -> tuple[Consents, PendingConsent, Account]:
    """The open request, if it is for the logged-in account. Raises LoginNeeded, ConsentNotFound, PageNotFound."""
    account = await exchange.account()
    consents = exchange.identity.consents
    if consents is None or not 0 < len(request_id) <= _REQUEST_MAX_CHARS:
        raise PageNotFound
    pending = await consents.pending(exchange.caller, request_id)
    return consents, pending, account


async def _show(exchange: AccountExchange) -> Response[bytes]:
    request_id = exchange.query("request")
    _, pending, account = await _own_request(exchange, request_id)
    return await exchange.page(
        "consent.html",
        pending=pending,
        account=account,
        request_id=request_id,
        scopes=in_words(pending.scopes, exchange.t),
    )


async def _decide(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    request_id, decision = fields.get("request", ""), fields.get("decision")
    if decision not in ("allow", "deny"):
        raise FormInvalid
    consents, _, _ = await _own_request(exchange, request_id)
    address = await consents.decide(exchange.caller, request_id, decision == "allow")
    if urlsplit(address).scheme in _NEVER:
        raise FormInvalid
    return await exchange.page("onward.html", address=address)
