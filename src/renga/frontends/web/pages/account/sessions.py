"""The account's sessions: list them, end one, end all others."""

from typing import Any

from litestar import Response

from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.account_views import session_views
from renga.frontends.web.forms import plausible

_HOME = "/account/sessions"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _show),
        account_routes.post(f"{_HOME}/end", _end, home=_HOME),
        account_routes.post(f"{_HOME}/end-others", _end_others, home=_HOME),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    sessions = await exchange.identity.sessions.of_account(exchange.account_id)
    views = session_views(sessions, exchange.session.id, exchange.t, exchange.shop.clock.now_ms())
    return await exchange.page("sessions.html", sessions=views)


async def _end(exchange: AccountExchange) -> Response[bytes]:
    """Ends one other session of the account; the current one ends by logging out."""
    session_id = (await exchange.form()).get("session", "")
    if plausible(session_id) and session_id != exchange.session.id:
        await exchange.identity.sessions.revoke(exchange.account_id, session_id)
    return exchange.to(_HOME, "session_ended")


async def _end_others(exchange: AccountExchange) -> Response[bytes]:
    await exchange.form()
    await exchange.identity.sessions.revoke(exchange.account_id, but=exchange.session.id)
    return exchange.to(_HOME, "sessions_ended")
