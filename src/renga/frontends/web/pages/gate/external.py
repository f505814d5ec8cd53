"""Logins by external identity providers: their handlers are identity's, letting somebody in is ours."""

from typing import Any

from litestar import Request, Response

from renga.domains.identity.contract import Account, Authenticated
from renga.frontends.web.desk import Desk, Desks, next_path
from renga.frontends.web.entering import admit, begin

_LINK = "/account/link"


def handlers(desks: Desks) -> list[Any]:
    if desks.identity.external is None:
        return []

    async def log_in(
        request: Request[Any, Any, Any], account: Account, amr: tuple[str, ...], next_: str
    ) -> Response[bytes]:
        """Somebody else's word is a first factor: a second one of ours is asked for all the same."""
        desk = desks.open(request, "/login")
        await begin(desk)
        authenticated = Authenticated(account=account, second_factor_needed=account.second_factor, amr=amr)
        return await admit(desk, authenticated, next_path(next_))

    return [*desks.identity.external(log_in), desks.shows(_LINK, _ask)]


async def _ask(desk: Desk) -> Response[bytes]:
    """Whether a login elsewhere may open this account from now on; answered where identity takes it."""
    desk.require_fresh()
    account = await desk.account()
    return await desk.page("link.html", account=account, link=desk.query("link"))
