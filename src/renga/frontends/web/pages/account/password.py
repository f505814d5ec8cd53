"""Change the password; ends all other sessions."""

from typing import Any

import structlog
from litestar import Response

from renga.domains.identity.contract import CredentialsRefused, PasswordRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.login_session import renew_authentication
from renga.frontends.web.pages.account.security import HOME, security_page
from renga.frontends.web.passwords import refusal

log = structlog.get_logger(__name__)


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [account_routes.post(f"{HOME}/password", _change, home=HOME, fresh=True)]


async def _change(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    session = exchange.session
    try:
        await exchange.identity.accounts.change_password(
            exchange.caller, fields.get("old", ""), fields.get("new", ""), exchange.visitor, keep_session=session.id
        )
    except CredentialsRefused:
        return await security_page(exchange, status=422, old=exchange.t("security.old_refused"))
    except PasswordRefused as error:
        return await security_page(exchange, status=422, new=refusal(error, exchange.t))
    ended = await exchange.identity.sessions.revoke(exchange.account_id, but=session.id)
    log.info("password_changed", sessions_ended=ended)
    await renew_authentication(exchange)
    return exchange.to(HOME, "password_changed")
