"""REST: customer groups, of the shop for administrators, of a merchant for its owners and managers."""

from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    ADMINISTRATION,
    Buyers,
    CustomerGroup,
    CustomerGroupInvalid,
    CustomerGroupNotFound,
    EmailInvalid,
    GroupCustomer,
    GroupNames,
    MerchantNotFound,
    TooMany,
)
from renga.domains.identity.rest.shared import Id, body, opt, origin
from renga.kernel.errors import Forbidden, Invalid, Unauthenticated
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks

ALL, OF_MERCHANT = "every customer group", "groups of merchants that the caller owns or manages"


class NamedGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The group's name by language (BCP 47)."""

    name: GroupNames


class PutCustomer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer's e-mail address; ``member`` false takes it out."""

    email: Annotated[str, msgspec.Meta(max_length=254)]
    member: bool = True


class CustomerGroupsView(msgspec.Struct, frozen=True):
    """By code."""

    items: list[CustomerGroup]


class GroupCustomersView(msgspec.Struct, frozen=True):
    """By address."""

    items: list[GroupCustomer]


def routes(buyers: Buyers) -> list[HTTPRouteHandler]:
    """The handlers of ``/admin/customer-groups`` and ``/merchants/{merchant_id}/customer-groups``."""
    return [*_of_the_shop(buyers), *_of_a_merchant(buyers), *_customers(buyers)]


def _of_the_shop(buyers: Buyers) -> list[HTTPRouteHandler]:
    @get(
        "/admin/customer-groups",
        operation_id="listCustomerGroups",
        summary="List the customer groups of the shop and its merchants",
        opt=opt(ADMINISTRATION, objects=ALL),
        responses=problems(Unauthenticated),
    )
    async def list_groups(request: AnyRequest) -> CustomerGroupsView:
        return CustomerGroupsView(list(await buyers.groups(who_asks(request))))

    @put(
        "/admin/customer-groups/{group:str}",
        operation_id="putCustomerGroup",
        summary="Create or rename a customer group of the shop",
        description="Products of every merchant may have prices for it: `price_list[].group`.",
        opt=opt(ADMINISTRATION, objects=ALL),
        responses=problems(Unauthenticated, CustomerGroupInvalid, TooMany, Invalid),
    )
    async def put_group(
        request: AnyRequest, group: Id, data: Annotated[NamedGroup, body({"name": {"pt-BR": "Revenda", "en": "Trade"}})]
    ) -> CustomerGroup:
        return await buyers.put_group(who_asks(request), group, data.name, origin=origin(request))

    @delete(
        "/admin/customer-groups/{group:str}",
        operation_id="removeCustomerGroup",
        summary="Remove a customer group",
        description="Also a merchant's. Nobody is in it any more; prices for it stay in price lists and apply to nobody.",
        opt=opt(ADMINISTRATION, objects=ALL),
        responses=problems(Unauthenticated, CustomerGroupNotFound),
    )
    async def remove_group(request: AnyRequest, group: Id) -> None:
        await buyers.remove_group(who_asks(request), group, origin=origin(request))

    return [list_groups, put_group, remove_group]


def _of_a_merchant(buyers: Buyers) -> list[HTTPRouteHandler]:
    @get(
        "/merchants/{merchant_id:str}/customer-groups",
        operation_id="listMerchantGroups",
        summary="List a merchant's customer groups",
        opt=opt("merchant", objects=OF_MERCHANT),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden),
    )
    async def list_groups(request: AnyRequest, merchant_id: Id) -> CustomerGroupsView:
        return CustomerGroupsView(list(await buyers.merchant_groups(who_asks(request), merchant_id)))

    @put(
        "/merchants/{merchant_id:str}/customer-groups/{group:str}",
        operation_id="putMerchantGroup",
        summary="Create or rename a merchant's customer group",
        description="`code` of the answer is what the merchant's price lists name, the path has the short name. It has no effect "
        "on other merchants' products.",
        opt=opt("merchant", objects=OF_MERCHANT),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden, CustomerGroupInvalid, TooMany, Invalid),
    )
    async def put_group(
        request: AnyRequest,
        merchant_id: Id,
        group: Id,
        data: Annotated[NamedGroup, body({"name": {"pt-BR": "Cafeterias", "en": "Coffee shops"}})],
    ) -> CustomerGroup:
        return await buyers.put_merchant_group(who_asks(request), merchant_id, group, data.name, origin=origin(request))

    @delete(
        "/merchants/{merchant_id:str}/customer-groups/{group:str}",
        operation_id="removeMerchantGroup",
        summary="Remove a merchant's customer group",
        opt=opt("merchant", objects=OF_MERCHANT),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden, CustomerGroupNotFound),
    )
    async def remove_group(request: AnyRequest, merchant_id: Id, group: Id) -> None:
        await buyers.remove_merchant_group(who_asks(request), merchant_id, group, origin=origin(request))

    return [list_groups, put_group, remove_group]


def _customers(buyers: Buyers) -> list[HTTPRouteHandler]:
    @get(
        "/merchants/{merchant_id:str}/customer-groups/{group:str}/customers",
        operation_id="listGroupCustomers",
        summary="List the addresses in a merchant's customer group",
        opt=opt("merchant", objects=OF_MERCHANT),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden, CustomerGroupNotFound),
    )
    async def list_customers(request: AnyRequest, merchant_id: Id, group: Id) -> GroupCustomersView:
        return GroupCustomersView(list(await buyers.group_customers(who_asks(request), merchant_id, group)))

    @put(
        "/merchants/{merchant_id:str}/customer-groups/{group:str}/customers",
        operation_id="setGroupCustomer",
        summary="Put an address into a merchant's customer group, or take it out",
        description="The answer is the same whether the address has an account or not; it has effect for the account with this "
        "verified address, now or later.",
        opt=opt("merchant", objects=OF_MERCHANT),
        status_code=204,
        responses=problems(
            Unauthenticated, MerchantNotFound, Forbidden, CustomerGroupNotFound, EmailInvalid, TooMany, Invalid
        ),
    )
    async def set_customer(
        request: AnyRequest,
        merchant_id: Id,
        group: Id,
        data: Annotated[PutCustomer, body({"email": "compras@example.com", "member": True})],
    ) -> None:
        await buyers.set_group_customer(
            who_asks(request), merchant_id, group, data.email, member=data.member, origin=origin(request)
        )

    return [list_customers, set_customer]
