"""Logins by external identity providers: identity has the handlers, this module completes the login."""

from typing import Any

from litestar import Request, Response

from renga.domains.identity.contract import Account, Authenticated
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path
from renga.frontends.web.login_session import continue_login, start_session

_LINK = "/account/link"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    if account_routes.identity.external is None:
        return []

    async def log_in(
        request: Request[Any, Any, Any], account: Account, amr: tuple[str, ...], next_: str
    ) -> Response[bytes]:
        """An external login is a first factor: the account's second factor is still required."""
        exchange = account_routes.open(request, "/login")
        await start_session(exchange)
        authenticated = Authenticated(account=account, second_factor_needed=account.second_factor, amr=amr)
        return await continue_login(exchange, authenticated, next_path(next_))

    return [*account_routes.identity.external(log_in), account_routes.get(_LINK, _ask)]


async def _ask(exchange: AccountExchange) -> Response[bytes]:
    """Ask to link an external login to this account; identity handles the answer."""
    exchange.require_fresh()
    account = await exchange.account()
    return await exchange.page("link.html", account=account, link=exchange.query("link"))
