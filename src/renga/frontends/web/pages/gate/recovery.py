"""Account recovery: request a link, then set a new password. Never reveals whether an account exists."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import EmailInvalid, LinkInvalid, PasswordRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.login_session import anonymous_page
from renga.frontends.web.passwords import refusal


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get("/recover", _show),
        account_routes.post("/recover", _start, home="/recover"),
        account_routes.get("/recover/sent", _sent),
        account_routes.get("/recover/new", _ask),
        account_routes.post("/recover/new", _finish, home="/recover"),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    return await anonymous_page(exchange, "recover.html", email="", error="")


async def _start(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    email = fields.get("email", "").strip()
    try:
        await exchange.identity.accounts.start_recovery(email, exchange.visitor)
    except EmailInvalid:
        return await exchange.page("recover.html", email=email, error=exchange.t("form.email"), status=422)
    return exchange.to("/recover/sent")


async def _sent(exchange: AccountExchange) -> Response[bytes]:
    return await exchange.page("look_into_mail.html", about="recover")


async def _ask(exchange: AccountExchange) -> Response[bytes]:
    return await anonymous_page(exchange, "recover_new.html", link=exchange.query("link"), error="")


async def _finish(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    link = fields.get("link", "")
    try:
        account = await exchange.identity.accounts.finish_recovery(link, fields.get("password", ""), exchange.visitor)
    except LinkInvalid:
        return await exchange.page("link_dead.html", about="recover", status=422)
    except PasswordRefused as error:
        return await exchange.page("recover_new.html", link=link, error=refusal(error, exchange.t), status=422)
    await exchange.identity.sessions.revoke(account.id)
    return exchange.to("/login", "password_set")
