"""OAuth and OpenID Connect over HTTP; answers are not cacheable unless a handler says so."""

import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Response, get, post, route
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.discovery import metadata, resource_metadata
from renga.domains.identity.oauth.dpop import proved_key
from renga.domains.identity.oauth.form import form, parameters
from renga.domains.identity.oauth.model import session_of
from renga.domains.identity.oauth.model.errors import ClientRefused, OAuthError
from renga.domains.identity.oauth.model.redirects import own_path
from renga.domains.identity.oauth.server import AuthorizationServer
from renga.kernel.errors import RengaError, Unauthenticated
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.auth.principal import Principal
from renga.platform.http.etags import etag_of, matches
from renga.platform.http.problems import on_renga_error
from renga.platform.http.requests import AnyRequest
from renga.platform.sessions.cookies import secret_of
from renga.platform.sessions.set_cookie import drop

#: Cookie that binds an open authorization to the browser that started it.
BROWSER_COOKIE = "renga_authz"
COOKIE_CHARACTERS_MAX = 64
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
#: No cookie counts at these endpoints, so a page of any origin may call them: applications in browsers have no other way.
_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
_PREFLIGHT = {
    **_ANY_ORIGIN,
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "3600",
}
_PUBLIC_S = {"Cache-Control": "public, max-age=300", **_ANY_ORIGIN}
_TOKEN_S = {**_NO_STORE, **_ANY_ORIGIN}
_CLIENT: dict[str, Any] = {"access": Access(guest=True, own_client=True, objects="the client's own"), "csrf": "handler"}
_BROWSER: dict[str, Any] = {"access": Access(guest=True, objects="the browser's own login"), "csrf": "handler"}
_OPENID: dict[str, Any] = {"access": Access(scopes=("openid",), objects="the person of the token"), "csrf": "handler"}


def routes(server: AuthorizationServer) -> list[HTTPRouteHandler]:
    """Every endpoint of the authorization server."""
    # preflights first: Litestar puts an OPTIONS of its own beside a handler whose path has none yet
    return [*_preflights(), *_browser_routes(server), *_client_routes(server), *_described(server), _userinfo(server)]


def _browser_routes(server: AuthorizationServer) -> list[HTTPRouteHandler]:
    secure = server.issuer.startswith("https://")
    cookie_name = f"__Host-{BROWSER_COOKIE}" if secure else BROWSER_COOKIE

    refusals: dict[type[Exception] | int, Any] = {OAuthError: _refused_in_browser(server)}

    @route(
        "/oauth/authorize",
        http_method=["GET", "POST"],
        opt=_BROWSER,
        include_in_schema=False,
        status_code=303,
        exception_handlers=refusals,
    )
    async def authorize(request: AnyRequest) -> Response[None]:
        values = await _values(request)
        browser = request.cookies.get(cookie_name, "")
        known = bool(browser) and len(browser) <= COOKIE_CHARACTERS_MAX
        browser = browser if known else secrets.token_urlsafe(32)
        person = session_of(request.scope.get("renga_session"))
        if "resume" in values:
            address = await server.authorize.resume(values["resume"], browser=browser, person=person)
        else:
            address = await server.authorize.begin(values, browser=browser, person=person)
        made = Cookie(key=cookie_name, value=browser, path="/", httponly=True, secure=secure, samesite="lax")
        return _see_other(address, [] if known else [made])

    @route(
        "/oauth/end_session",
        http_method=["GET", "POST"],
        opt=_BROWSER,
        include_in_schema=False,
        status_code=303,
        exception_handlers=refusals,
    )
    async def end_session(request: AnyRequest) -> Response[None]:
        departure = await server.end_session.decide(
            await _values(request), session_of(request.scope.get("renga_session"))
        )
        secret = secret_of(request.headers.get("cookie", ""), secure=secure)
        if departure.ends and secret is not None:
            await server.sessions.end(secret)
            return _see_other(departure.address, [drop(secure=secure)])
        return _see_other(departure.address, [])

    return [authorize, end_session]


def _client_routes(server: AuthorizationServer) -> list[HTTPRouteHandler]:
    options: dict[str, Any] = {
        "opt": _CLIENT,
        "include_in_schema": False,
        "exception_handlers": {OAuthError: _on_oauth_error},
    }

    async def client_of(request: AnyRequest) -> tuple[Client, dict[str, str]]:
        values = form(await request.body(), request.headers.get("content-type", ""))
        return await server.client_authentication.client(values, _single(request, "authorization")), values

    async def key_of(request: AnyRequest, client: Client, path: str, *, required: bool) -> str | None:
        proof = _single(request, "dpop")
        return await proved_key(server.proofs, client, proof, url=server.issuer + path, required=required)

    @post("/oauth/token", status_code=200, **options)
    async def token(request: AnyRequest) -> Response[bytes]:
        client, values = await client_of(request)
        thumbprint = await key_of(request, client, "/oauth/token", required=True)
        tokens = await server.token.tokens(client, values, thumbprint, _address(request))
        return _json(tokens, headers=_TOKEN_S)

    @post("/oauth/par", status_code=201, **options)
    async def par(request: AnyRequest) -> Response[bytes]:
        client, values = await client_of(request)
        thumbprint = await key_of(request, client, "/oauth/par", required=False)
        return _json(await server.push.push(client, values, thumbprint), 201)

    @post("/oauth/revoke", status_code=200, **options)
    async def revoke(request: AnyRequest) -> Response[bytes]:
        client, values = await client_of(request)
        await server.revoke.revoke(client, values, _address(request))
        return Response(b"", headers=_NO_STORE)

    @post("/oauth/introspect", status_code=200, **options)
    async def introspect(request: AnyRequest) -> Response[bytes]:
        client, values = await client_of(request)
        return _json(await server.introspect.answer(client, values))

    return [token, par, revoke, introspect]


def _described(server: AuthorizationServer) -> list[HTTPRouteHandler]:
    options: dict[str, Any] = {"opt": {"access": PUBLIC}, "include_in_schema": False}

    @get("/oauth/jwks.json", **options)
    async def jwks(request: AnyRequest) -> Response[bytes]:
        return _tagged(request, server.keys.jwks())

    @get(["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"], **options)
    async def described(request: AnyRequest) -> Response[bytes]:
        return _tagged(request, metadata(server.issuer, server.scopes, server.languages))

    @get("/.well-known/oauth-protected-resource", **options)
    async def resource(request: AnyRequest) -> Response[bytes]:
        return _tagged(request, resource_metadata(server.issuer, server.scopes))

    return [jwks, described, resource]


def _preflights() -> list[HTTPRouteHandler]:
    options: dict[str, Any] = {"opt": {"access": PUBLIC}, "include_in_schema": False, "status_code": 204}

    @route("/oauth/token", http_method=["OPTIONS"], **options)
    async def token_preflight() -> Response[None]:
        return Response(None, headers=_PREFLIGHT)

    @route("/oauth/userinfo", http_method=["OPTIONS"], **options)
    async def userinfo_preflight() -> Response[None]:
        return Response(None, headers=_PREFLIGHT)

    return [token_preflight, userinfo_preflight]


def _userinfo(server: AuthorizationServer) -> HTTPRouteHandler:
    @route("/oauth/userinfo", http_method=["GET", "POST"], opt=_OPENID, include_in_schema=False, status_code=200)
    async def userinfo(request: AnyRequest) -> Response[bytes]:
        principal: Principal | None = request.scope.get("renga_principal")  # type: ignore[assignment] # key set by the authentication middleware
        if principal is None or principal.kind != "token":
            raise Unauthenticated("UserInfo is for access tokens")
        return _json(await server.userinfo.answer(principal), headers=_TOKEN_S)

    return userinfo


async def _values(request: AnyRequest) -> dict[str, str]:
    if request.method == "POST":
        return form(await request.body(), request.headers.get("content-type", ""))
    return parameters(request.query_params.multi_items())


def _single(request: AnyRequest, name: str) -> str | None:
    """A header that may occur only once. Raises OAuthError."""
    found = request.headers.getall(name, [])
    if len(found) > 1:
        raise OAuthError(f"the header {name} is there more than once")
    return found[0] if found else None


def _address(request: AnyRequest) -> str:
    gate: str | None = request.scope.get("renga_client")  # type: ignore[assignment] # key set by the authentication middleware
    return gate or (request.client.host if request.client else "")


def _see_other(address: str, made: list[Cookie]) -> Response[None]:
    # no-referrer, because our URL holds the request and the target's URL holds a code
    headers = {"Location": address, "Referrer-Policy": "no-referrer", **_NO_STORE}
    return Response(None, status_code=303, headers=headers, cookies=made)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    encoded = msgspec.json.encode(body)
    return Response(encoded, status_code=status, media_type="application/json", headers=headers or _NO_STORE)


def _tagged(request: AnyRequest, document: Any) -> Response[bytes]:
    """A public document with its entity tag, or 304 for who has it."""
    body = msgspec.json.encode(document)
    etag = etag_of(body)
    headers = {**_PUBLIC_S, "ETag": etag.decode()}
    asked = request.headers.get("if-none-match", "").encode("latin-1")
    if matches(asked, etag):
        return Response(b"", status_code=304, headers=headers, media_type="application/json")
    return Response(body, media_type="application/json", headers=headers)


def _refused_in_browser(server: AuthorizationServer) -> Callable[[AnyRequest, RengaError], Response[Any]]:
    """What may not go to the client's address is told where it was asked: a page to a person, a problem to a program."""

    def refused(request: AnyRequest, error: RengaError) -> Response[Any]:
        if request.accept.best_match(["application/problem+json", "application/json", "text/html"]) != "text/html":
            return on_renga_error(request, error)
        return _see_other(own_path(server.refused_path, error=error.code), [])

    return refused


def _on_oauth_error(request: AnyRequest, error: OAuthError) -> Response[bytes]:
    headers = dict(_TOKEN_S)
    if isinstance(error, ClientRefused):
        headers["WWW-Authenticate"] = 'Basic realm="renga"'
    return _json(error.document(), error.status, headers)
