"""The session of a request, read once from its cookie, and the account's name for the header."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from litestar import Request

from renga.domains.identity.contract import AccountNotFound, Accounts
from renga.frontends.web.cookies import Jar
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.sessions.port import Session, Sessions

log = structlog.get_logger(__name__)

_NAME_LIFE_MS = 60_000
_NAMES_MAX = 10_000


class RequestSession(msgspec.Struct, frozen=True, kw_only=True):
    """``session`` is None for a visitor without one; ``away``: the session store is unavailable."""

    secret: str = ""
    session: Session | None = None
    name: str = ""
    away: bool = False

    @property
    def account_id(self) -> str | None:
        return self.session.account_id if self.session else None

    @property
    def csrf(self) -> str:
        return self.session.csrf if self.session else ""


NO_SESSION = RequestSession()


def request_session(request: Request[Any, Any, Any]) -> RequestSession:
    """The session read before the handler ran."""
    found: RequestSession = request.state.get("request_session", NO_SESSION)
    return found


class Names:
    """Account names for the header, cached for a minute; during an outage of accounts pages omit the name."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._kept: dict[str, tuple[str, int]] = {}

    async def of(self, account_id: str) -> str | None:
        """The name; "" during an outage; None if there is no such account."""
        now = self._clock.now_ms()
        kept = self._kept.get(account_id)
        if kept and now < kept[1]:
            return kept[0]
        try:
            name = (await self._accounts.find(Caller(account_id))).name
        except AccountNotFound:
            return None
        except Unavailable as error:
            log.warning("name_unavailable", code=error.code)
            return kept[0] if kept else ""
        if len(self._kept) >= _NAMES_MAX:
            self._kept.clear()
        self._kept[account_id] = (name, now + _NAME_LIFE_MS)
        return name

    def forget(self, account_id: str) -> None:
        self._kept.pop(account_id, None)


def session_reader(sessions: Sessions, names: Names, jar: Jar) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """A hook that reads the session of each request before its handler runs.

    A function, because Litestar deep-copies objects.
    """

    async def read_session(request: Request[Any, Any, Any]) -> None:
        secret = jar.session_in(request.headers.get("cookie", ""))
        if secret and not request.url.path.startswith("/static/"):
            request.state.request_session = await _read_session(secret, sessions, names)

    return read_session


async def _read_session(secret: str, sessions: Sessions, names: Names) -> RequestSession:
    try:
        session = await sessions.read(secret)
    except Unavailable as error:
        log.warning("session_unavailable", code=error.code)
        return RequestSession(away=True)
    if session is None:
        return NO_SESSION
    if session.account_id is None:
        return RequestSession(secret=secret, session=session)
    name = await names.of(session.account_id)
    return NO_SESSION if name is None else RequestSession(secret=secret, session=session, name=name)
