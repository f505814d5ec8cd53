"""The consent screen: which client wants what, for which account; allow or deny."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Response

from renga.domains.identity.contract import Account, Consents, PendingConsent
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.errors import FormInvalid, PageNotFound
from renga.frontends.web.scopes import in_words

_HOME = "/oauth/consent"
_REQUEST_MAX_CHARS = 300
#: Refusals of the authorization server that have a text of their own.
REFUSALS = frozenset(("redirect_uri_refused", "invalid_request_uri", "authorization_request_gone"))
#: Schemes that a browser would run instead of visiting, whatever a client was registered with.
_NEVER = frozenset(("javascript", "data", "vbscript", "blob", "file"))


def handlers(desks: Desks) -> list[Any]:
    if desks.identity.consents is None:
        return []
    return [
        desks.shows(_HOME, _show),
        desks.takes(_HOME, _decide, home="/account"),
        desks.shows("/oauth/refused", _refused),
    ]


async def _refused(desk: Desk) -> Response[bytes]:
    """Why the authorization server did not go on, and sent nobody back to the application."""
    reason = desk.query("error")
    return await desk.page("refused.html", reason=reason if reason in REFUSALS else "other", status=400)


async def _hers(desk: Desk, request_id: str) -> tuple[Consents, PendingConsent, Account]:
    """The open request, if it asks whoever is logged in. Raises LoginNeeded, ConsentNotFound, PageNotFound."""
    account = await desk.account()
    consents = desk.identity.consents
    if consents is None or not 0 < len(request_id) <= _REQUEST_MAX_CHARS:
        raise PageNotFound
    pending = await consents.pending(desk.caller, request_id)
    return consents, pending, account


async def _show(desk: Desk) -> Response[bytes]:
    request_id = desk.query("request")
    _, pending, account = await _hers(desk, request_id)
    return await desk.page(
        "consent.html", pending=pending, account=account, request_id=request_id, scopes=in_words(pending.scopes, desk.t)
    )


async def _decide(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    request_id, decision = fields.get("request", ""), fields.get("decision")
    if decision not in ("allow", "deny"):
        raise FormInvalid
    consents, _, _ = await _hers(desk, request_id)
    address = await consents.decide(desk.caller, request_id, decision == "allow")
    if urlsplit(address).scheme in _NEVER:
        raise FormInvalid
    return await desk.page("onward.html", address=address)
