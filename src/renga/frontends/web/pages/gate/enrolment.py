"""Staff set up a second factor before anything else: between the password and a session of their own."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import Account, SecondFactorRefused
from renga.frontends.web.desk import Desk, Desks, next_path, with_next
from renga.frontends.web.entering import bring_cart, let_in, pending_account
from renga.frontends.web.errors import LoginNeeded
from renga.frontends.web.totp import enrolment_of, repeated
from renga.kernel.caller import Caller

_HOME = "/login/enrol"


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _explain),
        desks.takes(f"{_HOME}/start", _start, home=_HOME),
        desks.takes(f"{_HOME}/confirm", _confirm, home=_HOME),
    ]


async def _bare(desk: Desk) -> Account:
    """Who waits without any second factor: who has one must use it, not set up another. Raises LoginNeeded."""
    account = await desk.identity.accounts.find(Caller(pending_account(desk)))
    if account.second_factor or account.passkeys:
        raise LoginNeeded("/account")
    return account


def _proved(desk: Desk, account: Account) -> Caller:
    """Who has just given the first factor, as contracts take it."""
    session = desk.who.session
    return Caller(account.id, proved_ms=session.auth_at_ms if session else None)


async def _explain(desk: Desk) -> Response[bytes]:
    next_ = next_path(desk.query("next"))
    account = await desk.identity.accounts.find(Caller(pending_account(desk)))
    if account.second_factor or account.passkeys:
        return desk.to(with_next("/login/second-factor", next_))
    return await desk.page("enrol.html", next=next_, enrolment=None, error="")


async def _start(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    account = await _bare(desk)
    enrolment = enrolment_of(await desk.identity.accounts.start_totp(_proved(desk, account)))
    return await desk.page("enrol.html", next=next_path(fields.get("next", "")), enrolment=enrolment, error="")


async def _confirm(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    account, next_ = await _bare(desk), next_path(fields.get("next", ""))
    try:
        codes = await desk.identity.accounts.confirm_totp(_proved(desk, account), fields.get("code", "").strip())
    except SecondFactorRefused:
        error = desk.t("second_factor.refused")
        return await desk.page("enrol.html", next=next_, enrolment=repeated(fields), error=error, status=422)
    await let_in(desk, account, ("pwd", "otp", "mfa"))
    return await bring_cart(desk, await desk.page("recovery_codes.html", codes=codes, onward=next_))
