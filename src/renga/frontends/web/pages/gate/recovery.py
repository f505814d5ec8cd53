"""A forgotten password: ask for a link, then set a new one. Whether there is such an account is never told."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import EmailInvalid, LinkInvalid, PasswordRefused
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.entering import gate_page
from renga.frontends.web.passwords import refusal


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows("/recover", _show),
        desks.takes("/recover", _start, home="/recover"),
        desks.shows("/recover/sent", _sent),
        desks.shows("/recover/new", _ask),
        desks.takes("/recover/new", _finish, home="/recover"),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    return await gate_page(desk, "recover.html", email="", error="")


async def _start(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    email = fields.get("email", "").strip()
    try:
        await desk.identity.accounts.start_recovery(email, desk.visitor)
    except EmailInvalid:
        return await desk.page("recover.html", email=email, error=desk.t("form.email"), status=422)
    return desk.to("/recover/sent")


async def _sent(desk: Desk) -> Response[bytes]:
    return await desk.page("look_into_mail.html", about="recover")


async def _ask(desk: Desk) -> Response[bytes]:
    return await gate_page(desk, "recover_new.html", link=desk.query("link"), error="")


async def _finish(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    link = fields.get("link", "")
    try:
        account = await desk.identity.accounts.finish_recovery(link, fields.get("password", ""), desk.visitor)
    except LinkInvalid:
        return await desk.page("link_dead.html", about="recover", status=422)
    except PasswordRefused as error:
        return await desk.page("recover_new.html", link=link, error=refusal(error, desk.t), status=422)
    await desk.identity.sessions.revoke(account.id)
    return desk.to("/login", "password_set")
