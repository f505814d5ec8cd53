"""The second factor at login: a code of the authenticator, a recovery code, or a passkey."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import Authenticated, SecondFactorRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path, with_next
from renga.frontends.web.login_session import complete_login, pending_account, take_over_cart
from renga.kernel.caller import Caller

_HOME = "/login/second-factor"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [account_routes.get(_HOME, _show), account_routes.post(_HOME, _check, home=_HOME)]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    return await _page(exchange, next_path(exchange.query("next")))


async def _page(exchange: AccountExchange, next_: str, *, error: str = "", status: int = 200) -> Response[bytes]:
    account = await exchange.identity.accounts.find(Caller(pending_account(exchange)))
    if not account.second_factor and not account.passkeys:
        return exchange.to(with_next("/login/enrol", next_))
    by_code, by_passkey = account.second_factor, account.passkeys > 0
    return await exchange.page(
        "second_factor.html", next=next_, error=error, status=status, by_code=by_code, by_passkey=by_passkey
    )


async def _check(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    next_ = next_path(fields.get("next", ""))
    account_id = pending_account(exchange)
    try:
        authenticated = await exchange.identity.accounts.check_second_factor(
            account_id, fields.get("code", "").strip(), exchange.visitor
        )
    except SecondFactorRefused:
        return await _page(exchange, next_, error=exchange.t("second_factor.refused"), status=422)
    await complete_login(exchange, authenticated.account, _methods(exchange, authenticated))
    return await take_over_cart(exchange, await exchange.redirect_after_form(next_))


def _methods(exchange: AccountExchange, authenticated: Authenticated) -> tuple[str, ...]:
    first = exchange.request_session.session.amr if exchange.request_session.session else ()
    return tuple(dict.fromkeys((*first, *authenticated.amr)))
