"""The gate that every request passes: authentication, authorization, rate limits, protection against cross-site requests.

Lean operations call it in their dispatcher, Litestar handlers through ``guard``. No route may lack ``access`` at start-up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Guard

from renga.kernel.clock import Clock, SystemClock
from renga.kernel.errors import Unavailable
from renga.platform.auth.access import PUBLIC, Access, check, check_fresh
from renga.platform.auth.authenticate import NOBODY, Authenticator, CredentialInvalid, Identity
from renga.platform.http.bodies import check_body
from renga.platform.http.parameters import API, KnownParameters, known_to
from renga.platform.http.segments import restore
from renga.platform.ratelimit.allowance import Allowance
from renga.platform.ratelimit.classes import UNLIMITED, Proxies, RequestLimits, bucket
from renga.platform.ratelimit.headers import headers, refusal
from renga.platform.ratelimit.port import Limit, LimitDecision, RateLimiter
from renga.platform.ratelimit.rates import PLATFORM, RateClass, RateLimitSettings
from renga.platform.sessions import csrf
from renga.platform.settings import SettingsInvalid

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: ``opt`` of a mount whose dispatcher calls the gate itself.
LEAN = Access(guest=True, objects="each operation says")
#: ``opt`` of public routes without a rate limit: health, descriptions, static files.
OPEN = {"access": PUBLIC, "rate": UNLIMITED}
#: The content type of bodies that carry a form's CSRF token.
_FORM = "application/x-www-form-urlencoded"


class Gate:
    """One gate serves all routes. ``limiter`` None: no limits."""

    def __init__(
        self,
        authenticator: Authenticator,
        *,
        limiter: RateLimiter | None = None,
        settings: RateLimitSettings | None = None,
        rate_classes: Sequence[RateClass] = PLATFORM,
        public_url: str = "",
        clock: Clock | None = None,
    ) -> None:
        settings = settings or RateLimitSettings()
        self._authenticator = authenticator
        self._limiter = limiter if settings.enabled else None
        self._clock = clock or SystemClock()
        self._allowance = None if self._limiter is None else Allowance(self._limiter, self._clock)
        self._limits = RequestLimits(settings, rate_classes)
        self._proxies = Proxies(settings.trusted_proxies)
        self._public_host = urlsplit(public_url).netloc
        self.guard = _guard_of(self)

    async def enter(self, scope: Any, access: Access, route_class: str) -> None:
        """Admit the request or raise; a request that is refused here has had no effect.

        Sets ``renga_principal``, ``renga_session``, ``renga_client`` and ``renga_headers`` of the scope.
        """
        identity = await self._identify(scope, access)
        limits = self._limits_of(scope, identity, route_class)
        if limits:
            verdict = self._spend(route_class, limits)
            _admit(scope, await self._take(route_class, limits) if verdict is None else verdict)
        self._check(scope, access, identity)

    async def around_read(self, scope: Any, access: Access, route_class: str, read: Callable[[], Awaitable[T]]) -> T:
        """As ``enter``, and the result of ``read``: limit and read share one round trip.

        If the limit refuses, the result is discarded; a read has no effect.
        """
        identity = await self._identify(scope, access)
        self._check(scope, access, identity)
        limits = self._limits_of(scope, identity, route_class)
        if not limits:
            return await read()
        verdict = self._spend(route_class, limits)
        if verdict is not None:
            _admit(scope, verdict)
            return await read()
        taking = asyncio.ensure_future(self._take(route_class, limits))
        try:
            answer = await read()
        finally:
            _admit(scope, await taking)
        return answer

    def _limits_of(self, scope: Any, identity: Identity, route_class: str) -> tuple[Limit, ...]:
        if self._limiter is None:
            return ()
        return self._limits.of(route_class, identity.principal, bucket(scope["renga_client"]))

    def _spend(self, route_class: str, limits: tuple[Limit, ...]) -> LimitDecision | None:
        """Classes counted by address (guesses of secrets) are counted one by one, never from counts taken ahead."""
        return (
            None if self._allowance is None or self._limits.is_guessed(route_class) else self._allowance.spend(limits)
        )

    async def _take(self, route_class: str, limits: tuple[Limit, ...]) -> LimitDecision | None:
        assert self._limiter is not None
        if self._allowance is None or self._limits.is_guessed(route_class):
            return await self._limiter.take(limits)
        return await self._allowance.take(limits)

    async def close(self) -> None:
        """Return the counts that were taken ahead and not used."""
        if self._allowance is not None:
            await self._allowance.close()

    async def _identify(self, scope: Any, access: Access) -> Identity:
        scope["renga_client"] = self._address(scope)
        try:
            identity = await self._authenticator.identify(scope, own_client=access.own_client)
        except CredentialInvalid:
            await self._count_refusal(scope)
            raise
        except Unavailable:
            if access.scopes or not access.guest:
                raise
            log.warning("caller_unknown", reason="the store of sessions is away")
            identity = NOBODY  # public routes work on while callers cannot be authenticated
        scope["renga_principal"], scope["renga_session"] = identity.principal, identity.session
        return identity

    def _check(self, scope: Any, access: Access, identity: Identity) -> None:
        check(access, identity.principal)
        principal = identity.principal
        if access.fresh_s is not None and principal is not None:
            check_fresh(access.fresh_s, principal, self._clock.now_ms())
        if principal is not None and principal.kind == "session" and scope["method"] not in csrf.SAFE_METHODS:
            self._check_origin(scope)

    def _check_origin(self, scope: Any) -> None:
        found = {name: value.decode("latin-1") for name, value in scope["headers"] if name in _ORIGIN_HEADERS}
        own = csrf.is_own(found.get(b"sec-fetch-site"), found.get(b"origin"), found.get(b"host", ""), self._public_host)
        if not own:
            raise csrf.CrossSiteRequest()

    async def _count_refusal(self, scope: Any) -> None:
        """Count a refused credential against its address, so that a flood of them is refused cheaply."""
        if self._limiter is not None:
            verdict = await self._limiter.take(self._limits.of_refusal(bucket(scope["renga_client"])))
            if verdict is not None and not verdict.allowed:
                scope["renga_headers"] = headers(verdict)
                raise refusal(verdict)

    def _address(self, scope: Any) -> str:
        client = scope.get("client")
        peer: str = client[0] if client else ""
        if not self._proxies.any:
            return peer
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return self._proxies.address(peer, ",".join(forwarded) if forwarded else None)

    def check_class(self, route_class: str) -> None:
        """Raises SettingsInvalid for a rate class that no module declares."""
        if not self._limits.knows(route_class):
            raise SettingsInvalid(f"no module declares the rate class {route_class!r}")

    def behind(self, handlers: Sequence[Any]) -> Router:
        """The handlers with this gate as their guard. (Mounts get none: an empty guard costs a request 9 µs.)"""
        return Router(path="/", route_handlers=handlers, guards=[self.guard])


def _guard_of(gate: Gate) -> Guard:
    """The gate as a Litestar guard: a plain function, because Litestar deep-copies guards with everything they refer to."""

    parameters: dict[BaseRouteHandler, KnownParameters] = {}

    def check_query(scope: Any, handler: BaseRouteHandler) -> None:
        if scope["query_string"] and scope["path"].startswith(API):
            if handler not in parameters:
                parameters[handler] = known_to(handler)
            parameters[handler].check(scope["query_string"])

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        scope: Any = connection.scope
        restore(scope)
        if "renga_refused" in scope:
            raise scope["renga_refused"]
        if scope.get("renga_admitted"):
            check_query(scope, handler)
            return  # the caller has passed the gate already: see answers.py
        access, route_class = declared(handler, scope.get("method", "GET"))
        await gate.enter(scope, access, route_class)
        check_query(scope, handler)
        if scope.get("method") in csrf.SAFE_METHODS:
            return
        session, principal = scope["renga_session"], scope["renga_principal"]
        if handler.opt.get("csrf") != "handler" and session is not None and principal is not None:
            csrf.check_token(session, await _token(connection))
        if scope["path"].startswith(API):
            await check_body(connection, handler)  # type: ignore[arg-type]  # of an HTTP route it is a request

    return guard


_ORIGIN_HEADERS = frozenset((b"sec-fetch-site", b"origin", b"host"))


async def _token(connection: Any) -> str | None:
    """The CSRF token of a header or of a form; the body read here is kept for the handler."""
    header: str | None = connection.headers.get(csrf.HEADER.decode())
    if header is not None:
        return header
    if str(connection.headers.get("content-type", "")).startswith(_FORM):
        return csrf.token_in_form(await connection.body())
    return None


def check_header_token(scope: Any) -> None:
    """A session's request to a lean operation must have the session's CSRF token in the header. Raises CsrfTokenWrong."""
    session, principal = scope["renga_session"], scope["renga_principal"]
    if session is not None and principal is not None and principal.kind == "session":
        token = next((value for name, value in scope["headers"] if name == csrf.HEADER), None)
        csrf.check_token(session, None if token is None else token.decode("latin-1"))


def declared(handler: BaseRouteHandler, method: str) -> tuple[Access, str]:
    """Access and rate class of a Litestar handler. Litestar's own handler of OPTIONS declares none and is public."""
    access = handler.opt.get("access")
    if access is None and method == "OPTIONS":
        return PUBLIC, "read"
    if not isinstance(access, Access):
        raise SettingsInvalid(f"the handler {handler} does not declare its access: opt={{'access': …}}")
    route_class = handler.opt.get("rate") or ("read" if method in csrf.SAFE_METHODS else "write")
    return access, route_class


def handlers_of(app: Litestar) -> list[tuple[str, str, BaseRouteHandler]]:
    """Every path, method and handler of the application, except Litestar's own OPTIONS; method ``*`` is a mount."""
    found: list[tuple[str, str, BaseRouteHandler]] = []
    for route in app.routes:
        for handler in _of_route(route):
            methods = (
                sorted(str(one) for one in handler.http_methods) if isinstance(handler, HTTPRouteHandler) else ["*"]
            )
            if methods == ["OPTIONS"] and handler.fn.__module__.startswith("litestar."):
                continue
            found += [(route.path_format, method, handler) for method in methods]
    return found


def _of_route(route: Any) -> list[Any]:
    if hasattr(route, "route_handlers"):
        return list(route.route_handlers)
    return [route.route_handler]


def check_declared(app: Litestar, gate: Gate) -> None:
    """Refuse to start with a route that declares no ``access`` or does not pass the gate.

    Raises SettingsInvalid, naming it.
    """
    for path, method, handler in handlers_of(app):
        try:
            access, route_class = declared(handler, "GET" if method == "*" else method)
            gate.check_class(route_class)
        except SettingsInvalid as error:
            raise SettingsInvalid(f"{method} {path}: {error.detail}") from None
        if access != LEAN and gate.guard not in handler.resolve_guards():
            raise SettingsInvalid(f"{method} {path} does not stand behind the gate")


def _admit(scope: Any, verdict: LimitDecision | None) -> None:
    if verdict is None:
        return
    scope["renga_headers"] = headers(verdict)
    if not verdict.allowed:
        raise refusal(verdict)
