"""Personal data (LGPD article 18): export as a file, or erasure."""

from typing import Any

import msgspec
from litestar import Response

from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.login_session import log_out

_HOME = "/account/data"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _show),
        account_routes.post(f"{_HOME}/export", _export, home=_HOME, fresh=True),
        account_routes.post(f"{_HOME}/erase", _erase, home=_HOME, fresh=True),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    return await _page(exchange)


async def _page(exchange: AccountExchange, *, error: str = "", status: int = 200) -> Response[bytes]:
    account = await exchange.account()
    return await exchange.page("data.html", account=account, fresh=exchange.fresh, error=error, status=status)


async def _export(exchange: AccountExchange) -> Response[bytes]:
    await exchange.form()
    exchange.require_fresh()
    data = await exchange.identity.accounts.export(exchange.caller)
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="renga.json"'}
    body = msgspec.json.format(msgspec.json.encode(data))
    return Response(body, headers=headers, media_type="application/json", status_code=200)


async def _erase(exchange: AccountExchange) -> Response[bytes]:
    """Irreversible, so the customer must type their e-mail address."""
    typed = (await exchange.form()).get("email", "").strip()
    exchange.require_fresh()
    account = await exchange.account()
    if typed.casefold() != account.email.casefold():
        return await _page(exchange, error=exchange.t("data.erase.mismatch"), status=422)
    await exchange.identity.accounts.erase(exchange.caller, exchange.visitor)
    await exchange.identity.sessions.revoke(account.id)
    if exchange.shop.names:
        exchange.shop.names.forget(account.id)
    return await log_out(exchange, exchange.to("/", "account_erased"))
