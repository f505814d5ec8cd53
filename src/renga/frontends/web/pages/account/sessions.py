"""Where she is logged in: see it, end one, end all others."""

from typing import Any

from litestar import Response

from renga.frontends.web.account_views import session_views
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.forms import plausible

_HOME = "/account/sessions"


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _show),
        desks.takes(f"{_HOME}/end", _end, home=_HOME),
        desks.takes(f"{_HOME}/end-others", _end_others, home=_HOME),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    sessions = await desk.identity.sessions.of_account(desk.account_id)
    views = session_views(sessions, desk.session.id, desk.t, desk.shop.clock.now_ms())
    return await desk.page("sessions.html", sessions=views)


async def _end(desk: Desk) -> Response[bytes]:
    """Ends one of hers only; her present one is left by logging out."""
    session_id = (await desk.form()).get("session", "")
    if plausible(session_id) and session_id != desk.session.id:
        await desk.identity.sessions.revoke(desk.account_id, session_id)
    return desk.to(_HOME, "session_ended")


async def _end_others(desk: Desk) -> Response[bytes]:
    await desk.form()
    await desk.identity.sessions.revoke(desk.account_id, but=desk.session.id)
    return desk.to(_HOME, "sessions_ended")
