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
#: Refusals of the authorization server that have a text of their own.
REFUSALS = frozenset(("redirect_uri_refused", "invalid_request_uri", "authorization_request_gone"))
#: URL schemes that a browser would execute; refused even if a client registered them.
_NEVER = frozenset(("javascript", "data", "vbscript", "blob", "file"))


def handlers(account_routes: AccountRoutes) -> list[Any]:
    if account_routes.identity.consents is None:
        return []
    return [
        account_routes.get(_HOME, _show),
        account_routes.post(_HOME, _decide, home="/account"),
        account_routes.get("/oauth/refused", _refused),
    ]


async def _refused(exchange: AccountExchange) -> Response[bytes]:
    """Why the authorization server did not go on, and sent nobody back to the application."""
    reason = exchange.query("error")
    return await exchange.page("refused.html", reason=reason if reason in REFUSALS else "other", status=400)


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
