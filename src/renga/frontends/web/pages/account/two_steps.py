"""The second factor in the account: enrol TOTP, confirm its first code, remove it."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import SecondFactorRefused, SecondFactorRequired
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.login_session import renew_authentication
from renga.frontends.web.pages.account.security import HOME, security_page
from renga.frontends.web.totp import enrolment_of, repeated


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.post(f"{HOME}/totp/start", _start, home=HOME, fresh=True),
        account_routes.post(f"{HOME}/totp/confirm", _confirm, home=HOME, fresh=True),
        account_routes.post(f"{HOME}/totp/remove", _remove, home=HOME, fresh=True),
    ]


async def _start(exchange: AccountExchange) -> Response[bytes]:
    await exchange.form()
    exchange.require_fresh()
    account = await exchange.account()
    if account.second_factor:
        return exchange.to(HOME)
    enrolment = enrolment_of(await exchange.identity.accounts.start_totp(exchange.caller))
    return await exchange.page("totp.html", enrolment=enrolment, error="")


async def _confirm(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    try:
        codes = await exchange.identity.accounts.confirm_totp(exchange.caller, fields.get("code", "").strip())
    except SecondFactorRefused:
        enrolment = repeated(fields)
        if enrolment is None:
            return exchange.to(HOME)
        error = exchange.t("second_factor.refused")
        return await exchange.page("totp.html", enrolment=enrolment, error=error, status=422)
    await renew_authentication(exchange)
    return await exchange.page("recovery_codes.html", codes=codes, onward=HOME)


async def _remove(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    try:
        await exchange.identity.accounts.remove_totp(exchange.caller, fields.get("code", "").strip())
    except SecondFactorRefused:
        return await security_page(exchange, status=422, code=exchange.t("second_factor.refused"))
    except SecondFactorRequired:
        return exchange.to(HOME, "second_factor_required")
    await renew_authentication(exchange)
    return exchange.to(HOME, "totp_removed")
