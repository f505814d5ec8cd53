"""Asking for an account, and the link in the mail that completes it. Whether an address is taken is never told."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import EmailInvalid, LinkInvalid, PasswordRefused
from renga.frontends.web.desk import Desk, Desks, next_path
from renga.frontends.web.entering import gate_page
from renga.frontends.web.passwords import refusal
from renga.kernel.errors import Unprocessable

NAME_MAX_CHARS = 120


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows("/register", _show),
        desks.takes("/register", _register, home="/register"),
        desks.shows("/register/sent", _sent),
        desks.shows("/verify", _ask),
        desks.takes("/verify", _verify, home="/login"),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    if desk.who.account_id is not None:
        return desk.to("/account")
    return await _page(desk)


async def _page(desk: Desk, *, name: str = "", email: str = "", status: int = 200, **errors: str) -> Response[bytes]:
    return await gate_page(
        desk, "register.html", name=name, email=email, errors=errors, status=status, providers=desk.identity.providers
    )


async def _register(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    name, email = fields.get("name", "").strip(), fields.get("email", "").strip()
    if not 0 < len(name) <= NAME_MAX_CHARS:
        return await _page(desk, name=name[:NAME_MAX_CHARS], email=email, status=422, name_error=desk.t("form.name"))
    try:
        await desk.identity.accounts.register(email, fields.get("password", ""), name, desk.language, desk.visitor)
    except EmailInvalid:
        return await _page(desk, name=name, email=email, status=422, email_error=desk.t("form.email"))
    except PasswordRefused as error:
        return await _page(desk, name=name, email=email, status=422, password_error=refusal(error, desk.t))
    except Unprocessable:
        return await _page(desk, name=name, email=email, status=422, name_error=desk.t("form.name"))
    return desk.to("/register/sent")


async def _sent(desk: Desk) -> Response[bytes]:
    return await desk.page("look_into_mail.html", about="register")


async def _ask(desk: Desk) -> Response[bytes]:
    """Mail programs open links to look at them: only the button uses the link up."""
    return await gate_page(desk, "verify.html", link=desk.query("link"))


async def _verify(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    try:
        await desk.identity.accounts.verify_email(fields.get("link", ""))
    except LinkInvalid:
        return await desk.page("link_dead.html", about="verify", status=422)
    if desk.who.account_id is not None:
        return desk.to(next_path(""), "address_verified")
    return desk.to("/login", "address_verified")
