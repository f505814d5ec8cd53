"""One HTTP exchange at an account page: its session, its form, and its responses."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post

from renga.domains.identity.contract import FRESH_LOGIN_S, Account, CallOrigin
from renga.frontends.web.access import FRESH_FORMS, PAGES
from renga.frontends.web.errors import ConfirmationNeeded, LoginNeeded, SessionsAway
from renga.frontends.web.flash import Flash
from renga.frontends.web.forms import BODY_MAX_BYTES, Fields, local_path, read_private_form
from renga.frontends.web.i18n import Translator
from renga.frontends.web.identity_pages import IdentityPages
from renga.frontends.web.page import open_page, redirect
from renga.frontends.web.request_session import RequestSession, request_session
from renga.frontends.web.shop import Shop
from renga.frontends.web.visitor import visitor_of
from renga.kernel.caller import Caller, FreshLoginRequired
from renga.platform.cards.declared import identifiers
from renga.platform.http.requests import who_asks
from renga.platform.sessions.port import Session

_AGENT_MAX_CHARS = 300


class AccountExchange(msgspec.Struct, frozen=True):
    """``home`` is the page to return to after a failed post."""

    shop: Shop
    identity: IdentityPages
    request: Request[Any, Any, Any]
    home: str

    @property
    def request_session(self) -> RequestSession:
        found = request_session(self.request)
        if found.away:
            raise SessionsAway
        return found

    @property
    def t(self) -> Translator:
        return self.shop.translators[self.language]

    @property
    def language(self) -> str:
        return visitor_of(self.request, self.shop.languages).language

    @property
    def visitor(self) -> CallOrigin:
        agent = self.request.headers.get("user-agent", "")[:_AGENT_MAX_CHARS]
        return CallOrigin(address=self.identity.address_of(self.request), agent=agent)

    @property
    def session(self) -> Session:
        """The logged-in session. Raises LoginNeeded."""
        session = self.request_session.session
        if session is None or session.account_id is None:
            raise LoginNeeded(self.home if self.request.method == "POST" else self._asked())
        return session

    @property
    def account_id(self) -> str:
        return self.session.account_id or ""

    @property
    def caller(self) -> Caller:
        """The logged-in caller for contracts, with the scopes of the session at the start of the request.

        Raises LoginNeeded.
        """
        account_id, asking = self.account_id, who_asks(self.request)
        proved_ms = self.session.auth_at_ms or None
        scopes, merchants = (
            (asking.scopes, asking.merchants) if asking.subject == account_id else (frozenset(), frozenset())
        )
        return Caller(account_id, scopes, merchants, proved_ms=proved_ms)

    @property
    def fresh(self) -> bool:
        """Was the last login recent enough for a security change?"""
        try:
            self.caller.proved_within(FRESH_LOGIN_S, self.shop.clock.now_ms())
        except FreshLoginRequired:
            return False
        return True

    async def account(self) -> Account:
        return await self.identity.accounts.find(self.caller)

    def require_fresh(self) -> None:
        if not self.fresh:
            raise ConfirmationNeeded(self.home if self.request.method == "POST" else self._asked())

    async def form(self) -> Fields:
        return await read_private_form(self.request)

    def query(self, name: str) -> str:
        return str(self.request.query_params.get(name, ""))

    def segment(self, name: str) -> str:
        return str(self.request.path_params[name])

    async def page(self, template: str, *, status: int = 200, **context: Any) -> Response[bytes]:
        page = await open_page(self.shop, self.request)
        back = self.home if self.request.method == "POST" else self._asked()
        context = {"robots": "noindex", "back": back, "errors": {}} | context
        return self._seal(page.answer(template, path=self.home, status=status, **context))

    def to(self, path: str, notice: str = "") -> Response[bytes]:
        return self._seal(redirect(self.shop, path, Flash(notice) if notice else None))

    async def redirect_after_form(self, path: str) -> Response[bytes]:
        """Redirect after a form; via a page if the target may lead to another site (CSP ``form-action`` allows only ours)."""
        if path.startswith("/") and not path.startswith("/oauth/"):
            return self.to(path)
        return await self.page("onward.html", address=path)

    async def switch_session(self, secret: str) -> None:
        """Continue this request with another session and send its cookie."""
        session = await self.identity.sessions.read(secret)
        account_id = session.account_id if session else None
        name = await self.shop.names.of(account_id) if account_id and self.shop.names else None
        self.request.state.request_session = RequestSession(secret=secret, session=session, name=name or "")
        self.request.state.secret = secret

    def _seal(self, response: Response[bytes]) -> Response[bytes]:
        secret = self.request.state.get("secret")
        if secret:
            self.shop.jar.put_session(response, secret)
        return response

    def _asked(self) -> str:
        return visitor_of(self.request, self.shop.languages).path


Answer = Callable[[AccountExchange], Awaitable[Response[bytes]]]


class AccountRoutes:
    """Builds the Litestar handlers of the account pages."""

    def __init__(self, shop: Shop, identity: IdentityPages, guards: list[Any]) -> None:
        self.shop = shop
        self.identity = identity
        self._guards = guards

    def get(self, path: str, answer: Answer) -> Any:
        @get(path, include_in_schema=False)
        async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
            return await answer(self.open(request, request.url.path))

        return show

    def post(self, path: str, answer: Answer, *, home: str, fresh: bool = False, named: tuple[str, ...] = ()) -> Any:
        """``fresh``: the form needs a login that is at most FRESH_LOGIN_S old; ``home`` is where it is shown again; ``named``
        fields are identifiers."""

        @post(
            path,
            opt={"access": FRESH_FORMS if fresh else PAGES, "home": home, **identifiers(*named)},
            include_in_schema=False,
            guards=self._guards,
            request_max_body_size=BODY_MAX_BYTES,
            status_code=200,
        )
        async def take(request: Request[Any, Any, Any]) -> Response[bytes]:
            return await answer(self.open(request, home))

        return take

    def open(self, request: Request[Any, Any, Any], home: str) -> AccountExchange:
        request.state.private = True
        request.state.back = home
        return AccountExchange(self.shop, self.identity, request, home)


def next_path(text: str) -> str:
    """The page after the login: a local path outside the login pages, else the account."""
    path = local_path(text, "/account")
    return "/account" if path.partition("?")[0].startswith(("/login", "/logout", "/register", "/recover")) else path


def with_next(path: str, next_: str) -> str:
    return f"{path}?{urlencode({'next': next_})}"
