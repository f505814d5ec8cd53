"""The programs she allowed something: what, since when, and no longer."""

from typing import Any

from litestar import Response

from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.forms import plausible
from renga.frontends.web.scopes import in_words

_HOME = "/account/apps"


def handlers(desks: Desks) -> list[Any]:
    return [desks.shows(_HOME, _show), desks.takes(f"{_HOME}/withdraw", _withdraw, home=_HOME)]


async def _show(desk: Desk) -> Response[bytes]:
    consents = await desk.identity.clients.consents(desk.caller)
    apps = [(consent, in_words(consent.scopes, desk.t)) for consent in consents]
    return await desk.page("apps.html", apps=apps)


async def _withdraw(desk: Desk) -> Response[bytes]:
    client_id = (await desk.form()).get("client", "")
    if plausible(client_id):
        await desk.identity.clients.withdraw(desk.caller, client_id, origin=desk.visitor)
    return desk.to(_HOME, "consent_withdrawn")
