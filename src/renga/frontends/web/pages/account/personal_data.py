"""Her data (LGPD article 18): all of it as a file, or none of it any more."""

from typing import Any

import msgspec
from litestar import Response

from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.entering import leave

_HOME = "/account/data"


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _show),
        desks.takes(f"{_HOME}/export", _export, home=_HOME, fresh=True),
        desks.takes(f"{_HOME}/erase", _erase, home=_HOME, fresh=True),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    return await _page(desk)


async def _page(desk: Desk, *, error: str = "", status: int = 200) -> Response[bytes]:
    account = await desk.account()
    return await desk.page("data.html", account=account, fresh=desk.fresh, error=error, status=status)


async def _export(desk: Desk) -> Response[bytes]:
    await desk.form()
    desk.require_fresh()
    data = await desk.identity.accounts.export(desk.caller)
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="renga.json"'}
    body = msgspec.json.format(msgspec.json.encode(data))
    return Response(body, headers=headers, media_type="application/json", status_code=200)


async def _erase(desk: Desk) -> Response[bytes]:
    """Only for who types her own address: this is not to be undone."""
    typed = (await desk.form()).get("email", "").strip()
    desk.require_fresh()
    account = await desk.account()
    if typed.casefold() != account.email.casefold():
        return await _page(desk, error=desk.t("data.erase.mismatch"), status=422)
    await desk.identity.accounts.erase(desk.caller, desk.visitor)
    await desk.identity.sessions.revoke(account.id)
    if desk.shop.names:
        desk.shop.names.forget(account.id)
    return await leave(desk, desk.to("/", "account_erased"))
