"""The second factor at login: a code of the authenticator, a recovery code, or a passkey."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import Authenticated, SecondFactorRefused
from renga.frontends.web.desk import Desk, Desks, next_path, with_next
from renga.frontends.web.entering import bring_cart, let_in, pending_account
from renga.kernel.caller import Caller

_HOME = "/login/second-factor"


def handlers(desks: Desks) -> list[Any]:
    return [desks.shows(_HOME, _show), desks.takes(_HOME, _check, home=_HOME)]


async def _show(desk: Desk) -> Response[bytes]:
    return await _page(desk, next_path(desk.query("next")))


async def _page(desk: Desk, next_: str, *, error: str = "", status: int = 200) -> Response[bytes]:
    account = await desk.identity.accounts.find(Caller(pending_account(desk)))
    if not account.second_factor and not account.passkeys:
        return desk.to(with_next("/login/enrol", next_))
    by_code, by_passkey = account.second_factor, account.passkeys > 0
    return await desk.page(
        "second_factor.html", next=next_, error=error, status=status, by_code=by_code, by_passkey=by_passkey
    )


async def _check(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    next_ = next_path(fields.get("next", ""))
    account_id = pending_account(desk)
    try:
        authenticated = await desk.identity.accounts.check_second_factor(
            account_id, fields.get("code", "").strip(), desk.visitor
        )
    except SecondFactorRefused:
        return await _page(desk, next_, error=desk.t("second_factor.refused"), status=422)
    await let_in(desk, authenticated.account, _methods(desk, authenticated))
    return await bring_cart(desk, await desk.onward(next_))


def _methods(desk: Desk, authenticated: Authenticated) -> tuple[str, ...]:
    first = desk.who.session.amr if desk.who.session else ()
    return tuple(dict.fromkeys((*first, *authenticated.amr)))
