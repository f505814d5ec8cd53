"""REST: invitations to merchants, of who manages members and of who was invited; one's own memberships, and leaving them.

What a person does for themselves needs the scope ``account`` only: who was made a merchant's member may leave without
the second factor that ``merchant`` needs.
"""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    AccountNotFound,
    AlreadyMember,
    EmailInvalid,
    Invitation,
    InvitationNotFound,
    LastOwner,
    MemberNotFound,
    Merchant,
    MerchantNotFound,
    MerchantRole,
    Merchants,
    TooMany,
)
from renga.domains.identity.rest.shared import Id, body, once, opt, origin
from renga.kernel.errors import Forbidden, Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, caller, replayed, who_asks

MANAGED, OWN = "merchants that she owns", "her own memberships"


class InviteMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom, and as what."""

    email: Annotated[str, msgspec.Meta(max_length=254)]
    role: MerchantRole


class AcceptInvitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``link`` is the parameter of that name in the address that the mail holds."""

    link: Annotated[str, msgspec.Meta(max_length=200)]


class InvitationsView(msgspec.Struct, frozen=True):
    """The open ones, by address."""

    items: list[Invitation]


class OwnMembership(msgspec.Struct, frozen=True, kw_only=True):
    """One of the caller's merchants, and what they are there."""

    merchant: Merchant
    role: MerchantRole


class OwnMembershipsView(msgspec.Struct, frozen=True):
    """By name."""

    items: list[OwnMembership]


def routes(merchants: Merchants) -> list[HTTPRouteHandler]:
    """The handlers of invitations, and of ``/me/merchants``."""
    return [*_managing(merchants), *_own(merchants)]


def _managing(merchants: Merchants) -> list[HTTPRouteHandler]:
    @get(
        "/merchants/{merchant_id:str}/invitations",
        operation_id="listInvitations",
        summary="The open invitations of a merchant",
        opt=opt("merchant", objects=MANAGED),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden),
    )
    async def list_invitations(request: AnyRequest, merchant_id: Id) -> InvitationsView:
        return InvitationsView(list(await merchants.invitations(who_asks(request), merchant_id)))

    @put(
        "/merchants/{merchant_id:str}/invitations",
        operation_id="inviteMember",
        summary="Invite an address",
        description="A mail with a link, open for 7 days, goes to the address; its account becomes a member by accepting, not "
        "before. The answer is the same whether there is such an account or not. Again: another link, and the role of now.",
        opt=opt("merchant", objects=MANAGED, rate="login"),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden, EmailInvalid, AlreadyMember, TooMany, Invalid),
    )
    async def invite_member(
        request: AnyRequest,
        merchant_id: Id,
        data: Annotated[InviteMember, body({"email": "bruno@example.com", "role": "clerk"})],
    ) -> Invitation:
        asking = who_asks(request)
        return await merchants.invite(asking, merchant_id, data.email, data.role, origin=origin(request))

    @delete(
        "/merchants/{merchant_id:str}/invitations/{invitation_id:str}",
        operation_id="revokeInvitation",
        summary="Take an invitation back",
        opt=opt("merchant", objects=MANAGED),
        responses=problems(Unauthenticated, MerchantNotFound, InvitationNotFound, Forbidden),
    )
    async def revoke_invitation(request: AnyRequest, merchant_id: Id, invitation_id: Id) -> None:
        await merchants.revoke_invitation(who_asks(request), merchant_id, invitation_id, origin=origin(request))

    return [list_invitations, invite_member, revoke_invitation]


def _own(merchants: Merchants) -> list[HTTPRouteHandler]:
    @post(
        "/me/invitations/accept",
        operation_id="acceptInvitation",
        summary="Become a member of the merchant that invites",
        description="Of the account whose address was invited, once. Members are staff: from the next login on they need a "
        "second factor.",
        status_code=200,
        opt=opt("account", objects=OWN),
        response_headers=[REPLAYED],
        responses=problems(
            *(Unauthenticated, InvitationNotFound, AccountNotFound, AlreadyMember, TooMany, IdempotencyConflict),
            Invalid,
        ),
    )
    async def accept_invitation(
        request: AnyRequest,
        data: Annotated[AcceptInvitation, body({"link": "4f3c…"})],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[OwnMembership]:
        principal = caller(request)
        asked = await once(request, principal, idempotency_key)
        merchant, role = await merchants.accept_invitation(
            principal.caller, data.link, origin=origin(request), once=asked
        )
        return Response(OwnMembership(merchant=merchant, role=role), headers=replayed(asked))

    @get(
        "/me/merchants",
        operation_id="listOwnMemberships",
        summary="The merchants that one is a member of",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated),
    )
    async def list_own_memberships(request: AnyRequest) -> OwnMembershipsView:
        found = await merchants.of_account(who_asks(request))
        return OwnMembershipsView([OwnMembership(merchant=merchant, role=role) for merchant, role in found])

    @delete(
        "/me/merchants/{merchant_id:str}",
        operation_id="leaveMerchant",
        summary="Leave a merchant",
        description="One's keys of this merchant are revoked with it.",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound, MerchantNotFound, MemberNotFound, LastOwner),
    )
    async def leave_merchant(request: AnyRequest, merchant_id: Id) -> None:
        asking = who_asks(request)
        await merchants.remove_member(asking, merchant_id, asking.identified(), origin=origin(request))

    return [accept_invitation, list_own_memberships, leave_merchant]
