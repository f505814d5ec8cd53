"""The account's first page: who she is here, and the way to everything else."""

from typing import Any

from litestar import Response

from renga.frontends.web.desk import Desk, Desks


def handlers(desks: Desks) -> list[Any]:
    return [desks.shows("/account", _show)]


async def _show(desk: Desk) -> Response[bytes]:
    account = await desk.account()
    return await desk.page(
        "account.html",
        account=account,
        merchants=await desk.identity.merchants.of_account(desk.caller),
        addresses=await desk.identity.accounts.addresses(desk.caller),
        sessions=await desk.identity.sessions.of_account(account.id),
    )
