"""Logging in with e-mail and password, and logging out."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import CredentialsRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path, with_next
from renga.frontends.web.login_session import anonymous_page, continue_login, log_out

_HOME = "/login"
EMAIL_MAX_CHARS = 254


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _show),
        account_routes.post(_HOME, _log_in, home=_HOME),
        account_routes.post("/logout", _log_out, home="/"),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    next_ = next_path(exchange.query("next"))
    if exchange.request_session.account_id is not None:
        return await _again(exchange, next_)
    unverified = exchange.query("notice") == "external_unverified"
    error = exchange.t("login.unverified") if unverified else ""
    return await login_page(exchange, next_, email=exchange.query("login_hint")[:EMAIL_MAX_CHARS], error=error)


async def _again(exchange: AccountExchange, next_: str) -> Response[bytes]:
    """The authorization server sends a logged-in person here only to authenticate again."""
    return exchange.to(with_next("/account/confirm", next_) if next_.startswith("/oauth/") else next_)


async def login_page(
    exchange: AccountExchange, next_: str, *, email: str = "", error: str = "", status: int = 200
) -> Response[bytes]:
    """``error`` is the text of a refusal: the same for every wrong credential, to prevent enumeration."""
    return await anonymous_page(
        exchange,
        "login.html",
        status=status,
        email=email,
        next=next_,
        error=error,
        providers=exchange.identity.providers,
    )


async def _log_in(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    next_, email = next_path(fields.get("next", "")), fields.get("email", "").strip()
    if exchange.request_session.account_id is not None:
        return await exchange.redirect_after_form(next_)
    try:
        authenticated = await exchange.identity.accounts.log_in(email, fields.get("password", ""), exchange.visitor)
    except CredentialsRefused:
        return await login_page(exchange, next_, email=email, error=exchange.t("login.refused"), status=422)
    return await continue_login(exchange, authenticated, next_)


async def _log_out(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    next_ = fields.get("next", "")
    path = with_next("/login", next_path(next_)) if next_ else "/login"
    return await log_out(exchange, exchange.to(path, "logged_out"))
