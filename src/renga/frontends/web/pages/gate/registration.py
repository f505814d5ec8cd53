"""Registration, and the mail's link that completes it. Never reveals whether an address is taken."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import EmailInvalid, LinkInvalid, PasswordRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path
from renga.frontends.web.login_session import anonymous_page
from renga.frontends.web.passwords import refusal
from renga.kernel.errors import Unprocessable

NAME_MAX_CHARS = 120


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get("/register", _show),
        account_routes.post("/register", _register, home="/register"),
        account_routes.get("/register/sent", _sent),
        account_routes.get("/verify", _ask),
        account_routes.post("/verify", _verify, home="/login"),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    if exchange.request_session.account_id is not None:
        return exchange.to("/account")
    return await _page(exchange)


async def _page(
    exchange: AccountExchange, *, name: str = "", email: str = "", status: int = 200, **errors: str
) -> Response[bytes]:
    return await anonymous_page(
        exchange,
        "register.html",
        name=name,
        email=email,
        errors=errors,
        status=status,
        providers=exchange.identity.providers,
    )


async def _register(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    name, email = fields.get("name", "").strip(), fields.get("email", "").strip()
    if not 0 < len(name) <= NAME_MAX_CHARS:
        return await _page(
            exchange, name=name[:NAME_MAX_CHARS], email=email, status=422, name_error=exchange.t("form.name")
        )
    try:
        await exchange.identity.accounts.register(
            email, fields.get("password", ""), name, exchange.language, exchange.visitor
        )
    except EmailInvalid:
        return await _page(exchange, name=name, email=email, status=422, email_error=exchange.t("form.email"))
    except PasswordRefused as error:
        return await _page(exchange, name=name, email=email, status=422, password_error=refusal(error, exchange.t))
    except Unprocessable:
        return await _page(exchange, name=name, email=email, status=422, name_error=exchange.t("form.name"))
    return exchange.to("/register/sent")


async def _sent(exchange: AccountExchange) -> Response[bytes]:
    return await exchange.page("look_into_mail.html", about="register")


async def _ask(exchange: AccountExchange) -> Response[bytes]:
    """Mail programs prefetch links, so only the button uses the link up."""
    return await anonymous_page(exchange, "verify.html", link=exchange.query("link"))


async def _verify(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    try:
        await exchange.identity.accounts.verify_email(fields.get("link", ""))
    except LinkInvalid:
        return await exchange.page("link_dead.html", about="verify", status=422)
    if exchange.request_session.account_id is not None:
        return exchange.to(next_path(""), "address_verified")
    return exchange.to("/login", "address_verified")
