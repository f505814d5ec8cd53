"""Working for merchants: see and accept an invitation, leave a merchant."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import (
    AlreadyMember,
    InvitationNotFound,
    LastOwner,
    MemberNotFound,
    MerchantNotFound,
    TooMany,
)
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.forms import plausible

_INVITATION = "/invitation"
LINK_MAX_CHARS = 200


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_INVITATION, _show),
        account_routes.post(f"{_INVITATION}/accept", _accept, home="/account"),
        account_routes.post("/account/merchants/leave", _leave, home="/account"),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    """Mail programs open links to look at them: only the button accepts."""
    link = exchange.query("link")[:LINK_MAX_CHARS]
    account = await exchange.account()
    try:
        invitation = await exchange.identity.merchants.invitation(exchange.caller, link)
    except InvitationNotFound:
        return await _dead(exchange)
    return await exchange.page("invitation.html", account=account, invitation=invitation, link=link)


async def _accept(exchange: AccountExchange) -> Response[bytes]:
    link = (await exchange.form()).get("link", "")[:LINK_MAX_CHARS]
    try:
        await exchange.identity.merchants.accept_invitation(exchange.caller, link, origin=exchange.visitor)
    except (InvitationNotFound, TooMany):
        return await _dead(exchange)
    except AlreadyMember:
        return exchange.to("/account")
    return exchange.to("/account", "invitation_accepted")


async def _dead(exchange: AccountExchange) -> Response[bytes]:
    return await exchange.page("link_dead.html", about="invitation", status=422)


async def _leave(exchange: AccountExchange) -> Response[bytes]:
    merchant_id = (await exchange.form()).get("merchant", "")
    if plausible(merchant_id):
        try:
            await exchange.identity.merchants.remove_member(
                exchange.caller, merchant_id, exchange.account_id, origin=exchange.visitor
            )
        except LastOwner:
            return exchange.to("/account", "last_owner")
        except (MerchantNotFound, MemberNotFound):
            return exchange.to("/account")
    return exchange.to("/account", "merchant_left")
