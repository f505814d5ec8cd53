"""REST: merchants and their members. For a non-member a merchant does not exist (404)."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    AccountNotFound,
    LastOwner,
    Member,
    MemberNotFound,
    Merchant,
    MerchantNotFound,
    MerchantRole,
    Merchants,
    MerchantSlugTaken,
    OrganisationInvalid,
    TooMany,
)
from renga.domains.identity.rest import invitations
from renga.domains.identity.rest.shared import Id, body, once, opt, origin
from renga.kernel.errors import Forbidden, Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, caller, replayed, who_asks

MEMBERSHIPS = "merchants that the caller is a member of, by role"


class NewMerchant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``slug`` is its name in URLs and cannot be changed."""

    name: str
    slug: str


class ChangeMerchant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The merchant's new name."""

    name: str


class SetMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member's e-mail address and role."""

    email: str
    role: MerchantRole


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant of the caller, and the caller's role in it."""

    merchant: Merchant
    role: MerchantRole


class MembershipsView(msgspec.Struct, frozen=True):
    """By name."""

    items: list[Membership]


class MembersView(msgspec.Struct, frozen=True):
    """Owners first."""

    items: list[Member]


def routes(merchants: Merchants) -> list[HTTPRouteHandler]:
    """The handlers below ``/merchants``."""
    return [*_merchants(merchants), *_one_merchant(merchants), *_members(merchants), *invitations.routes(merchants)]


def _merchants(merchants: Merchants) -> list[HTTPRouteHandler]:
    @get(
        "/merchants",
        operation_id="listMerchants",
        summary="List your merchants and roles",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated),
    )
    async def list_merchants(request: AnyRequest) -> MembershipsView:
        found = await merchants.of_account(who_asks(request))
        return MembershipsView([Membership(merchant=merchant, role=role) for merchant, role in found])

    @post(
        "/merchants",
        operation_id="createMerchant",
        summary="Create a merchant",
        description="The caller becomes its owner, and so staff: from then on they need a second factor. "
        "Where merchants need approval it is `pending`: nobody manages products for it, and its keys do not work, before an "
        "administrator approves it.",
        opt=opt("account", objects="a new merchant owned by the caller"),
        response_headers=[REPLAYED],
        responses=problems(
            Unauthenticated,
            AccountNotFound,
            MerchantSlugTaken,
            TooMany,
            OrganisationInvalid,
            IdempotencyConflict,
            Invalid,
        ),
    )
    async def create_merchant(
        request: AnyRequest,
        data: Annotated[NewMerchant, body({"name": "Torrefação Serra Lenta", "slug": "serra-lenta"})],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Merchant]:
        principal = caller(request)
        asked = await once(request, principal, idempotency_key)
        made = await merchants.create(
            principal.caller,
            data.name,
            data.slug,
            origin=origin(request),
            once=asked,
        )
        return Response(made, headers={"Location": f"/v1/identity/merchants/{made.id}", **replayed(asked)})

    return [list_merchants, create_merchant]


def _one_merchant(merchants: Merchants) -> list[HTTPRouteHandler]:
    @get(
        "/merchants/{merchant_id:str}",
        operation_id="readMerchant",
        summary="Read a merchant",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated, MerchantNotFound),
    )
    async def read_merchant(request: AnyRequest, merchant_id: Id) -> Merchant:
        return await merchants.find(who_asks(request), merchant_id)

    @patch(
        "/merchants/{merchant_id:str}",
        operation_id="renameMerchant",
        summary="Rename a merchant",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden, OrganisationInvalid, Invalid),
    )
    async def rename_merchant(
        request: AnyRequest, merchant_id: Id, data: Annotated[ChangeMerchant, body({"name": "Serra Lenta"})]
    ) -> Merchant:
        return await merchants.rename(who_asks(request), merchant_id, data.name, origin=origin(request))

    @delete(
        "/merchants/{merchant_id:str}",
        operation_id="closeMerchant",
        summary="Close a merchant",
        description="Ends all memberships and revokes its keys; its id stays in records.",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden),
    )
    async def close_merchant(request: AnyRequest, merchant_id: Id) -> None:
        await merchants.close(who_asks(request), merchant_id, origin=origin(request))

    return [read_merchant, rename_merchant, close_merchant]


def _members(merchants: Merchants) -> list[HTTPRouteHandler]:
    @get(
        "/merchants/{merchant_id:str}/members",
        operation_id="listMembers",
        summary="List the members of a merchant",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden),
    )
    async def list_members(request: AnyRequest, merchant_id: Id) -> MembersView:
        return MembersView(list(await merchants.members(who_asks(request), merchant_id)))

    @put(
        "/merchants/{merchant_id:str}/members",
        operation_id="setMember",
        summary="Change a member's role",
        description="Who is no member is invited: `inviteMember`.",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated, MerchantNotFound, MemberNotFound, Forbidden, LastOwner, Invalid),
    )
    async def set_member(
        request: AnyRequest,
        merchant_id: Id,
        data: Annotated[SetMember, body({"email": "bruno@example.com", "role": "clerk"})],
    ) -> Member:
        asking = who_asks(request)
        return await merchants.set_member(asking, merchant_id, data.email, data.role, origin=origin(request))

    @delete(
        "/merchants/{merchant_id:str}/members/{account_id:str}",
        operation_id="removeMember",
        summary="Remove a member, or leave the merchant",
        opt=opt("merchant", objects=MEMBERSHIPS),
        responses=problems(Unauthenticated, MerchantNotFound, MemberNotFound, Forbidden, LastOwner),
    )
    async def remove_member(request: AnyRequest, merchant_id: Id, account_id: Id) -> None:
        await merchants.remove_member(who_asks(request), merchant_id, account_id, origin=origin(request))

    return [list_members, set_member, remove_member]
