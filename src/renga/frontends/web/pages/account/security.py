"""How she proves who she is: password, second factor, passkeys, on one page."""

from typing import Any

from litestar import Response

from renga.frontends.web.desk import Desk, Desks

HOME = "/account/security"


def handlers(desks: Desks) -> list[Any]:
    return [desks.shows(HOME, security_page)]


async def security_page(desk: Desk, *, status: int = 200, **errors: str) -> Response[bytes]:
    """``errors`` by the name of the field that was refused."""
    account = await desk.account()
    return await desk.page(
        "security.html",
        account=account,
        passkeys=await desk.identity.accounts.passkeys(desk.caller),
        fresh=desk.fresh,
        errors=errors,
        status=status,
    )
