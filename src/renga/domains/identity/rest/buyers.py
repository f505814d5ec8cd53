"""REST: a buyer's groups, tax number and exemption, for the buyer and for administrators."""

from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    ADMINISTRATION,
    AccountNotFound,
    BuyerFactsInvalid,
    BuyerProfile,
    Buyers,
    CustomerGroupInvalid,
    CustomerGroupNotFound,
    NameInvalid,
    TaxExemption,
    TaxIdChanged,
    TaxIdInvalid,
)
from renga.domains.identity.rest.shared import Id, body, opt, origin
from renga.kernel.buyer_terms import GROUPS_MAX
from renga.kernel.errors import Invalid, Unauthenticated
from renga.kernel.identifiers import Identifier
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks

OWN, ANY = "the caller's account", "every account"

Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166-1.", examples=["BR"])]
#: With or without points and dashes.
TaxNumber = Annotated[Identifier, msgspec.Meta(min_length=1, max_length=40)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class StatedTaxId(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CPF or CNPJ of Brazil, a VAT number of the European Union, or another country's; ``company``: its name, "" for a person."""

    country: Country
    tax_id: TaxNumber
    company: Annotated[str, msgspec.Meta(max_length=200)] = ""


class VerifiedTaxId(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number that was checked, as the profile shows it."""

    tax_id: TaxNumber
    verified: bool = True


class Certificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The certificate's number; without ``expires_at`` (RFC 3339, exclusive) it has no end."""

    certificate: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    expires_at: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class GivenGroups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes of groups; those that are not named end."""

    groups: Annotated[tuple[Code, ...], msgspec.Meta(max_length=GROUPS_MAX)]


def routes(buyers: Buyers) -> list[HTTPRouteHandler]:
    """The handlers of ``/me/buyer`` and ``/admin/accounts/{account_id}/buyer``."""
    return [*_own(buyers), *_reading(buyers), *_verifying(buyers)]


def _own(buyers: Buyers) -> list[HTTPRouteHandler]:
    @get(
        "/me/buyer",
        operation_id="readBuyer",
        summary="Read your customer groups, tax number and exemption",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def read_buyer(request: AnyRequest) -> BuyerProfile:
        asking = who_asks(request)
        return await buyers.profile(asking, asking.identified())

    @put(
        "/me/buyer/tax-id",
        operation_id="stateTaxId",
        summary="State your tax number",
        description="It counts for prices and taxes once an administrator has verified it; another number needs that again.",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound, TaxIdInvalid, NameInvalid, Invalid),
    )
    async def state_tax_id(
        request: AnyRequest,
        data: Annotated[StatedTaxId, body({"country": "BR", "tax_id": "11.222.333/0001-81", "company": "Vale Ltda."})],
    ) -> BuyerProfile:
        return await buyers.state_tax_id(
            who_asks(request), data.country, data.tax_id, data.company, origin=origin(request)
        )

    @delete(
        "/me/buyer/tax-id",
        operation_id="removeTaxId",
        summary="Remove your tax number",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def remove_tax_id(request: AnyRequest) -> None:
        await buyers.remove_tax_id(who_asks(request), origin=origin(request))

    @delete(
        "/me/buyer/groups/{group:str}",
        operation_id="leaveCustomerGroup",
        summary="Leave a customer group",
        description="For good: a merchant is not told, and cannot put you back. A group that you are not in answers alike.",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def leave_group(request: AnyRequest, group: Id) -> None:
        await buyers.leave_group(who_asks(request), group, origin=origin(request))

    return [read_buyer, state_tax_id, remove_tax_id, leave_group]


def _reading(buyers: Buyers) -> list[HTTPRouteHandler]:
    @get(
        "/admin/accounts/{account_id:str}/buyer",
        operation_id="readAccountBuyer",
        summary="Read an account's customer groups, tax number and exemption",
        opt=opt(ADMINISTRATION, objects=ANY),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def read_account_buyer(request: AnyRequest, account_id: Id) -> BuyerProfile:
        return await buyers.profile(who_asks(request), account_id)

    @put(
        "/admin/accounts/{account_id:str}/buyer/groups",
        operation_id="setAccountGroups",
        summary="Give an account its customer groups",
        description="Those that merchants put its address into stay.",
        opt=opt(ADMINISTRATION, objects=ANY),
        responses=problems(Unauthenticated, AccountNotFound, CustomerGroupNotFound, CustomerGroupInvalid, Invalid),
    )
    async def set_account_groups(
        request: AnyRequest, account_id: Id, data: Annotated[GivenGroups, body({"groups": ["trade"]})]
    ) -> BuyerProfile:
        return await buyers.set_account_groups(who_asks(request), account_id, data.groups, origin=origin(request))

    return [read_account_buyer, set_account_groups]


def _verifying(buyers: Buyers) -> list[HTTPRouteHandler]:
    @put(
        "/admin/accounts/{account_id:str}/buyer/tax-verification",
        operation_id="verifyTaxId",
        summary="Verify an account's tax number, or end its verification",
        opt=opt(ADMINISTRATION, objects=ANY),
        responses=problems(Unauthenticated, AccountNotFound, TaxIdChanged, Invalid),
    )
    async def verify_tax_id(
        request: AnyRequest,
        account_id: Id,
        data: Annotated[VerifiedTaxId, body({"tax_id": "11222333000181", "verified": True})],
    ) -> BuyerProfile:
        return await buyers.verify_tax_id(
            who_asks(request), account_id, data.tax_id, verified=data.verified, origin=origin(request)
        )

    @put(
        "/admin/accounts/{account_id:str}/buyer/exemption",
        operation_id="setTaxExemption",
        summary="Enter an account's tax-exemption certificate",
        opt=opt(ADMINISTRATION, objects=ANY),
        responses=problems(Unauthenticated, AccountNotFound, BuyerFactsInvalid, Invalid),
    )
    async def set_exemption(
        request: AnyRequest,
        account_id: Id,
        data: Annotated[Certificate, body({"certificate": "EX-2026/118", "expires_at": "2027-12-31T00:00:00Z"})],
    ) -> BuyerProfile:
        exemption = TaxExemption(certificate=data.certificate, expires_at=data.expires_at)
        return await buyers.set_exemption(who_asks(request), account_id, exemption, origin=origin(request))

    @delete(
        "/admin/accounts/{account_id:str}/buyer/exemption",
        operation_id="removeTaxExemption",
        summary="Remove an account's tax-exemption certificate",
        opt=opt(ADMINISTRATION, objects=ANY),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def remove_exemption(request: AnyRequest, account_id: Id) -> None:
        await buyers.remove_exemption(who_asks(request), account_id, origin=origin(request))

    return [verify_tax_id, set_exemption, remove_exemption]
