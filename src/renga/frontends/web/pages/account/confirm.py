"""Step-up: before a change that touches security she proves again who she is, by password or passkey."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import CredentialsRefused, PasskeyRefused
from renga.frontends.web.desk import Desk, Desks, next_path
from renga.frontends.web.entering import renew
from renga.frontends.web.pages.gate.passkey import prove

_HOME = "/account/confirm"


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _show),
        desks.takes(_HOME, _by_password, home=_HOME),
        desks.takes(f"{_HOME}/passkey", _by_passkey, home=_HOME),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    return await _page(desk, next_path(desk.query("next")))


async def _page(desk: Desk, next_: str, *, error: str = "", status: int = 200) -> Response[bytes]:
    account = await desk.account()
    return await desk.page("confirm.html", account=account, next=next_, error=error, status=status)


async def _by_password(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    next_, account = next_path(fields.get("next", "")), await desk.account()
    try:
        again = await desk.identity.accounts.log_in(account.email, fields.get("password", ""), desk.visitor)
    except CredentialsRefused:
        return await _page(desk, next_, error=desk.t("confirm.refused"), status=422)
    return await _renewed(desk, again.account.id, next_, desk.t("confirm.refused"))


async def _by_passkey(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    next_ = next_path(fields.get("next", ""))
    try:
        again = await prove(desk, fields)
    except PasskeyRefused:
        return await _page(desk, next_, error=desk.t("passkey.refused"), status=422)
    return await _renewed(desk, again.account.id, next_, desk.t("passkey.refused"))


async def _renewed(desk: Desk, proved: str, next_: str, refusal: str) -> Response[bytes]:
    """Somebody else's proof, however good, is none here."""
    if proved != desk.account_id:
        return await _page(desk, next_, error=refusal, status=422)
    await renew(desk)
    return await desk.onward(next_)
