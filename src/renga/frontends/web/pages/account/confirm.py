"""Step-up: a security change needs authentication again, by password or passkey."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import CredentialsRefused, PasskeyRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path
from renga.frontends.web.login_session import renew_authentication
from renga.frontends.web.pages.gate.passkey import prove

_HOME = "/account/confirm"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _show),
        account_routes.post(_HOME, _by_password, home=_HOME),
        account_routes.post(f"{_HOME}/passkey", _by_passkey, home=_HOME),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    return await _page(exchange, next_path(exchange.query("next")))


async def _page(exchange: AccountExchange, next_: str, *, error: str = "", status: int = 200) -> Response[bytes]:
    account = await exchange.account()
    return await exchange.page("confirm.html", account=account, next=next_, error=error, status=status)


async def _by_password(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    next_, account = next_path(fields.get("next", "")), await exchange.account()
    try:
        again = await exchange.identity.accounts.log_in(account.email, fields.get("password", ""), exchange.visitor)
    except CredentialsRefused:
        return await _page(exchange, next_, error=exchange.t("confirm.refused"), status=422)
    return await _renewed(exchange, again.account.id, next_, exchange.t("confirm.refused"))


async def _by_passkey(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    next_ = next_path(fields.get("next", ""))
    try:
        again = await prove(exchange, fields)
    except PasskeyRefused:
        return await _page(exchange, next_, error=exchange.t("passkey.refused"), status=422)
    return await _renewed(exchange, again.account.id, next_, exchange.t("passkey.refused"))


async def _renewed(exchange: AccountExchange, proved: str, next_: str, refusal: str) -> Response[bytes]:
    """Refuses a valid credential of another account."""
    if proved != exchange.account_id:
        return await _page(exchange, next_, error=refusal, status=422)
    await renew_authentication(exchange)
    return await exchange.redirect_after_form(next_)
