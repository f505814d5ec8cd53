"""Staff must enrol a second factor after the password, before the login is complete."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import Account, SecondFactorRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path, with_next
from renga.frontends.web.errors import LoginNeeded
from renga.frontends.web.login_session import complete_login, pending_account, take_over_cart
from renga.frontends.web.totp import enrolment_of, repeated
from renga.kernel.caller import Caller

_HOME = "/login/enrol"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _explain),
        account_routes.post(f"{_HOME}/start", _start, home=_HOME),
        account_routes.post(f"{_HOME}/confirm", _confirm, home=_HOME),
    ]


async def _bare(exchange: AccountExchange) -> Account:
    """The pending account, if it has no second factor; with one it must use it, not enrol another. Raises LoginNeeded."""
    account = await exchange.identity.accounts.find(Caller(pending_account(exchange)))
    if account.second_factor or account.passkeys:
        raise LoginNeeded("/account")
    return account


def _proved(exchange: AccountExchange, account: Account) -> Caller:
    """Who has just given the first factor, as contracts take it."""
    session = exchange.request_session.session
    return Caller(account.id, proved_ms=session.auth_at_ms if session else None)


async def _explain(exchange: AccountExchange) -> Response[bytes]:
    next_ = next_path(exchange.query("next"))
    account = await exchange.identity.accounts.find(Caller(pending_account(exchange)))
    if account.second_factor or account.passkeys:
        return exchange.to(with_next("/login/second-factor", next_))
    return await exchange.page("enrol.html", next=next_, enrolment=None, error="")


async def _start(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    account = await _bare(exchange)
    enrolment = enrolment_of(await exchange.identity.accounts.start_totp(_proved(exchange, account)))
    return await exchange.page("enrol.html", next=next_path(fields.get("next", "")), enrolment=enrolment, error="")


async def _confirm(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    account, next_ = await _bare(exchange), next_path(fields.get("next", ""))
    try:
        codes = await exchange.identity.accounts.confirm_totp(
            _proved(exchange, account), fields.get("code", "").strip()
        )
    except SecondFactorRefused:
        error = exchange.t("second_factor.refused")
        return await exchange.page("enrol.html", next=next_, enrolment=repeated(fields), error=error, status=422)
    await complete_login(exchange, account, ("pwd", "otp", "mfa"))
    return await take_over_cart(exchange, await exchange.page("recovery_codes.html", codes=codes, onward=next_))
