"""The account's overview: profile and links to the other pages."""

from typing import Any

from litestar import Response

from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [account_routes.get("/account", _show)]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    account = await exchange.account()
    return await exchange.page(
        "account.html",
        account=account,
        merchants=await exchange.identity.merchants.of_account(exchange.caller),
        addresses=await exchange.identity.accounts.addresses(exchange.caller),
        sessions=await exchange.identity.sessions.of_account(account.id),
    )
