"""Logging in with e-mail and password, and logging out."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import CredentialsRefused
from renga.frontends.web.desk import Desk, Desks, next_path, with_next
from renga.frontends.web.entering import admit, gate_page, leave

_HOME = "/login"
EMAIL_MAX_CHARS = 254


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _show),
        desks.takes(_HOME, _log_in, home=_HOME),
        desks.takes("/logout", _log_out, home="/"),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    next_ = next_path(desk.query("next"))
    if desk.who.account_id is not None:
        return await _again(desk, next_)
    unverified = desk.query("notice") == "external_unverified"
    error = desk.t("login.unverified") if unverified else ""
    return await login_page(desk, next_, email=desk.query("login_hint")[:EMAIL_MAX_CHARS], error=error)


async def _again(desk: Desk, next_: str) -> Response[bytes]:
    """The authorization server sends who is logged in here only when it wants a fresh proof."""
    return desk.to(with_next("/account/confirm", next_) if next_.startswith("/oauth/") else next_)


async def login_page(desk: Desk, next_: str, *, email: str = "", error: str = "", status: int = 200) -> Response[bytes]:
    """``error`` is the text of what was refused: the same for everything that can be wrong with a credential."""
    return await gate_page(
        desk,
        "login.html",
        status=status,
        email=email,
        next=next_,
        error=error,
        providers=desk.identity.providers,
    )


async def _log_in(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    next_, email = next_path(fields.get("next", "")), fields.get("email", "").strip()
    if desk.who.account_id is not None:
        return await desk.onward(next_)
    try:
        authenticated = await desk.identity.accounts.log_in(email, fields.get("password", ""), desk.visitor)
    except CredentialsRefused:
        return await login_page(desk, next_, email=email, error=desk.t("login.refused"), status=422)
    return await admit(desk, authenticated, next_)


async def _log_out(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    next_ = fields.get("next", "")
    path = with_next("/login", next_path(next_)) if next_ else "/login"
    return await leave(desk, desk.to(path, "logged_out"))
