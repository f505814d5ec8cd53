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
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.forms import plausible

_INVITATION = "/invitation"
LINK_MAX_CHARS = 200


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_INVITATION, _show),
        desks.takes(f"{_INVITATION}/accept", _accept, home="/account"),
        desks.takes("/account/merchants/leave", _leave, home="/account"),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    """Mail programs open links to look at them: only the button accepts."""
    link = desk.query("link")[:LINK_MAX_CHARS]
    account = await desk.account()
    try:
        invitation = await desk.identity.merchants.invitation(desk.caller, link)
    except InvitationNotFound:
        return await _dead(desk)
    return await desk.page("invitation.html", account=account, invitation=invitation, link=link)


async def _accept(desk: Desk) -> Response[bytes]:
    link = (await desk.form()).get("link", "")[:LINK_MAX_CHARS]
    try:
        await desk.identity.merchants.accept_invitation(desk.caller, link, origin=desk.visitor)
    except (InvitationNotFound, TooMany):
        return await _dead(desk)
    except AlreadyMember:
        return desk.to("/account")
    return desk.to("/account", "invitation_accepted")


async def _dead(desk: Desk) -> Response[bytes]:
    return await desk.page("link_dead.html", about="invitation", status=422)


async def _leave(desk: Desk) -> Response[bytes]:
    merchant_id = (await desk.form()).get("merchant", "")
    if plausible(merchant_id):
        try:
            await desk.identity.merchants.remove_member(desk.caller, merchant_id, desk.account_id, origin=desk.visitor)
        except LastOwner:
            return desk.to("/account", "last_owner")
        except (MerchantNotFound, MemberNotFound):
            return desk.to("/account")
    return desk.to("/account", "merchant_left")
