"""The applications with the customer's consent: scopes, since when, and withdrawal."""

from typing import Any

from litestar import Response

from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.forms import plausible
from renga.frontends.web.scopes import in_words

_HOME = "/account/apps"


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [account_routes.get(_HOME, _show), account_routes.post(f"{_HOME}/withdraw", _withdraw, home=_HOME)]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    consents = await exchange.identity.clients.consents(exchange.caller)
    apps = [(consent, in_words(consent.scopes, exchange.t)) for consent in consents]
    return await exchange.page("apps.html", apps=apps)


async def _withdraw(exchange: AccountExchange) -> Response[bytes]:
    client_id = (await exchange.form()).get("client", "")
    if plausible(client_id):
        await exchange.identity.clients.withdraw(exchange.caller, client_id, origin=exchange.visitor)
    return exchange.to(_HOME, "consent_withdrawn")
