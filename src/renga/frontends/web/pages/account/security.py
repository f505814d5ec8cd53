"""The account's credentials on one page: password, second factor, passkeys."""

from typing import Any

from litestar import Response

from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes

HOME = "/account/security"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [account_routes.get(HOME, security_page)]


async def security_page(exchange: AccountExchange, *, status: int = 200, **errors: str) -> Response[bytes]:
    """``errors`` by field name."""
    account = await exchange.account()
    return await exchange.page(
        "security.html",
        account=account,
        passkeys=await exchange.identity.accounts.passkeys(exchange.caller),
        fresh=exchange.fresh,
        errors=errors,
        status=status,
    )
