"""The second factor in the account: set up an authenticator, confirm its first code, remove it."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import SecondFactorRefused, SecondFactorRequired
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.entering import renew
from renga.frontends.web.pages.account.security import HOME, security_page
from renga.frontends.web.totp import enrolment_of, repeated


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.takes(f"{HOME}/totp/start", _start, home=HOME, fresh=True),
        desks.takes(f"{HOME}/totp/confirm", _confirm, home=HOME, fresh=True),
        desks.takes(f"{HOME}/totp/remove", _remove, home=HOME, fresh=True),
    ]


async def _start(desk: Desk) -> Response[bytes]:
    await desk.form()
    desk.require_fresh()
    account = await desk.account()
    if account.second_factor:
        return desk.to(HOME)
    enrolment = enrolment_of(await desk.identity.accounts.start_totp(desk.caller))
    return await desk.page("totp.html", enrolment=enrolment, error="")


async def _confirm(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    try:
        codes = await desk.identity.accounts.confirm_totp(desk.caller, fields.get("code", "").strip())
    except SecondFactorRefused:
        enrolment = repeated(fields)
        if enrolment is None:
            return desk.to(HOME)
        error = desk.t("second_factor.refused")
        return await desk.page("totp.html", enrolment=enrolment, error=error, status=422)
    await renew(desk)
    return await desk.page("recovery_codes.html", codes=codes, onward=HOME)


async def _remove(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    try:
        await desk.identity.accounts.remove_totp(desk.caller, fields.get("code", "").strip())
    except SecondFactorRefused:
        return await security_page(desk, status=422, code=desk.t("second_factor.refused"))
    except SecondFactorRequired:
        return desk.to(HOME, "second_factor_required")
    await renew(desk)
    return desk.to(HOME, "totp_removed")
