"""Login with an external provider over HTTP: redirect, callback, and the owner's confirmation of a link."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import FRESH_LOGIN_S, Account
from renga.domains.identity.external.logins import ExternalLogins, LoginOutcome
from renga.domains.identity.external.ports import ProviderRefused
from renga.domains.identity.oauth.form import form, needed, parameters
from renga.domains.identity.oauth.model import session_of
from renga.domains.identity.oauth.model.redirects import own_path
from renga.platform.auth.access import Access
from renga.platform.http.requests import AnyRequest, who_asks

#: Logs the account in to the browser's session (second factor, cart) and returns the next redirect.
LogIn = Callable[[AnyRequest, Account, tuple[str, ...], str], Awaitable[Response[Any]]]

BROWSER_COOKIE = "renga_external"
COOKIE_CHARACTERS_MAX = 64
LOGIN_PATH = "/login/with"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_BROWSER: dict[str, Any] = {"access": Access(guest=True, objects="the browser's own login")}
_OWNER: dict[str, Any] = {"access": Access(objects="the caller's own account", fresh_s=FRESH_LOGIN_S)}


def routes(
    logins: ExternalLogins, log_in: LogIn, *, secure: bool, confirm_path: str, login_path: str
) -> list[HTTPRouteHandler]:
    """``confirm_path`` is the page that asks to confirm ``?link=`` and posts it to ``/login/with/confirm``."""
    cookie = f"__Host-{BROWSER_COOKIE}" if secure else BROWSER_COOKIE

    @get(f"{LOGIN_PATH}/{{provider:str}}", opt=_BROWSER, include_in_schema=False)
    async def start(request: AnyRequest) -> Response[None]:
        values = parameters(request.query_params.multi_items())
        person = session_of(request.scope.get("renga_session"))
        links = person.account_id if person is not None and values.get("link") == "1" else None
        browser = secrets.token_urlsafe(32)
        address = await logins.start(
            request.path_params["provider"], browser=_hashed(browser), next=values.get("next", "/"), account_id=links
        )
        made = Cookie(key=cookie, value=browser, path="/", httponly=True, secure=secure, samesite="lax", max_age=600)
        return Response(None, status_code=303, headers={"Location": address, **_HEADERS}, cookies=[made])

    @get(f"{LOGIN_PATH}/{{provider:str}}/back", opt=_BROWSER, include_in_schema=False)
    async def back(request: AnyRequest) -> Response[Any]:
        values = parameters(request.query_params.multi_items())
        browser = request.cookies.get(cookie, "")
        if not 0 < len(browser) <= COOKIE_CHARACTERS_MAX:
            raise ProviderRefused("this login did not begin in this browser, or too long ago")
        person = session_of(request.scope.get("renga_session"))
        outcome = await logins.finish(
            request.path_params["provider"],
            values,
            browser=_hashed(browser),
            address=_address(request),
            account_id=None if person is None else person.account_id,
        )
        if outcome.kind == "logged_in" and outcome.account is not None:
            return await log_in(request, outcome.account, outcome.amr, outcome.next)
        return _see_other(_way_on(outcome, person is not None, confirm_path, login_path))

    @post(f"{LOGIN_PATH}/confirm", opt=_OWNER, include_in_schema=False)
    async def confirm(request: AnyRequest) -> Response[None]:
        values = form(await request.body(), request.headers.get("content-type", ""))
        person = session_of(request.scope.get("renga_session"))
        if person is None:
            raise ProviderRefused("there is nothing to confirm")
        await logins.confirm(needed(values, "link"), caller=who_asks(request), address=_address(request))
        return _see_other("/account")

    return [start, back, confirm]


def _way_on(outcome: LoginOutcome, logged_in: bool, confirm_path: str, login_path: str) -> str:
    if outcome.kind == "unverified":
        return own_path(login_path, next=outcome.next, notice="external_unverified")
    confirm = own_path(confirm_path, link=outcome.link)
    return confirm if logged_in else own_path(login_path, next=confirm)


def _see_other(address: str) -> Response[None]:
    return Response(None, status_code=303, headers={"Location": address, **_HEADERS})


def _hashed(browser: str) -> str:
    return hashlib.sha256(browser.encode("utf-8", "surrogatepass")).hexdigest()


def _address(request: AnyRequest) -> str:
    gate: str | None = request.scope.get("renga_client")  # type: ignore[assignment] # key set by the authentication middleware
    return gate or (request.client.host if request.client else "")
