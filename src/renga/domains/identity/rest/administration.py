"""REST: all accounts and merchants, for administrators."""

from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from renga.domains.identity.contract import (
    ADMINISTRATION,
    AccountNotFound,
    AccountStanding,
    Administration,
    Merchant,
    MerchantAlreadyApproved,
    MerchantNotFound,
    MerchantStanding,
    MerchantStatus,
    OwnAccount,
    Stakeholder,
)
from renga.domains.identity.rest.shared import Id, body, opt, origin
from renga.kernel.errors import Invalid, Unauthenticated
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks

ACCOUNTS, MERCHANTS = "every account", "every merchant"

Limit = Annotated[int, QueryParameter(ge=1, le=500)]
Cursor = Annotated[str | None, QueryParameter(description="`next` of the previous page.", min_length=1, max_length=36)]


#: As the use case takes it: not blank, without NUL.
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class Lock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reason, recorded in the audit trail."""

    reason: Reason


class Rejection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why; the merchant's members read it, and it is kept in the audit trail."""

    reason: Reason


class AccountsView(msgspec.Struct, frozen=True):
    """Newest first. ``next`` is the cursor of the next page, null on the last page."""

    next: str | None
    items: list[AccountStanding]


class MerchantsView(msgspec.Struct, frozen=True):
    """Newest first. ``next`` is the cursor of the next page, null on the last page."""

    next: str | None
    items: list[MerchantStanding]


def routes(administration: Administration) -> list[HTTPRouteHandler]:
    """The handlers below ``/admin``."""
    return [*_reading(administration), *_acting(administration), *_deciding(administration)]


def _reading(administration: Administration) -> list[HTTPRouteHandler]:
    @get(
        "/admin/accounts",
        operation_id="listAccounts",
        summary="List accounts",
        opt=opt(ADMINISTRATION, objects=ACCOUNTS),
        responses=problems(Unauthenticated, AccountNotFound, Invalid),
    )
    async def list_accounts(
        request: AnyRequest,
        email: Annotated[str | None, QueryParameter(description="A complete e-mail address.", max_length=254)] = None,
        stakeholder: Annotated[Stakeholder | None, QueryParameter(description="Only accounts of this kind.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> AccountsView:
        found = await administration.accounts(
            who_asks(request), email=email, stakeholder=stakeholder, limit=limit, before=cursor
        )
        return AccountsView(next=found[-1].account.id if len(found) == limit else None, items=list(found))

    @get(
        "/admin/accounts/{account_id:str}",
        operation_id="readAccount",
        summary="Read an account",
        opt=opt(ADMINISTRATION, objects=ACCOUNTS),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def read_account(request: AnyRequest, account_id: Id) -> AccountStanding:
        return await administration.account(who_asks(request), account_id)

    @get(
        "/admin/merchants",
        operation_id="listAllMerchants",
        summary="List merchants",
        opt=opt(ADMINISTRATION, objects=MERCHANTS),
        responses=problems(Unauthenticated, AccountNotFound, Invalid),
    )
    async def list_all_merchants(
        request: AnyRequest,
        status: Annotated[MerchantStatus | None, QueryParameter(description="`pending`: those that wait.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> MerchantsView:
        found = await administration.merchants(who_asks(request), status=status, limit=limit, before=cursor)
        return MerchantsView(next=found[-1].merchant.id if len(found) == limit else None, items=list(found))

    return [list_accounts, read_account, list_all_merchants]


def _acting(administration: Administration) -> list[HTTPRouteHandler]:
    @put(
        "/admin/accounts/{account_id:str}/lock",
        operation_id="lockAccount",
        summary="Lock an account",
        description="Logins and API keys of the account are refused; its sessions and tokens end at once.",
        opt=opt(ADMINISTRATION, objects=ACCOUNTS),
        responses=problems(Unauthenticated, AccountNotFound, OwnAccount, Invalid),
    )
    async def lock_account(
        request: AnyRequest, account_id: Id, data: Annotated[Lock, body({"reason": "stolen card, ticket 4711"})]
    ) -> AccountStanding:
        return await administration.lock(who_asks(request), account_id, reason=data.reason, origin=origin(request))

    @delete(
        "/admin/accounts/{account_id:str}/lock",
        operation_id="unlockAccount",
        summary="Unlock an account",
        description="Ended sessions and tokens stay ended.",
        opt=opt(ADMINISTRATION, objects=ACCOUNTS),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def unlock_account(request: AnyRequest, account_id: Id) -> None:
        await administration.unlock(who_asks(request), account_id, origin=origin(request))

    @delete(
        "/admin/accounts/{account_id:str}/sessions",
        operation_id="endSessions",
        summary="Log an account out everywhere",
        description="Ends all sessions and tokens of the account; its API keys stay valid.",
        opt=opt(ADMINISTRATION, objects=ACCOUNTS),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def end_sessions(request: AnyRequest, account_id: Id) -> None:
        await administration.end_sessions(who_asks(request), account_id, origin=origin(request))

    return [lock_account, unlock_account, end_sessions]


def _deciding(administration: Administration) -> list[HTTPRouteHandler]:
    @put(
        "/admin/merchants/{merchant_id:str}/approval",
        operation_id="approveMerchant",
        summary="Let a merchant sell",
        description="Its members manage its products and its keys work from now on. Twice is no error.",
        opt=opt(ADMINISTRATION, objects=MERCHANTS),
        responses=problems(Unauthenticated, MerchantNotFound),
    )
    async def approve_merchant(request: AnyRequest, merchant_id: Id) -> Merchant:
        return await administration.approve_merchant(who_asks(request), merchant_id, origin=origin(request))

    @put(
        "/admin/merchants/{merchant_id:str}/rejection",
        operation_id="rejectMerchant",
        summary="Reject a merchant that waits",
        description="It may be approved later all the same.",
        opt=opt(ADMINISTRATION, objects=MERCHANTS),
        responses=problems(Unauthenticated, MerchantNotFound, MerchantAlreadyApproved, Invalid),
    )
    async def reject_merchant(
        request: AnyRequest, merchant_id: Id, data: Annotated[Rejection, body({"reason": "the tax number is wrong"})]
    ) -> Merchant:
        asking = who_asks(request)
        return await administration.reject_merchant(asking, merchant_id, reason=data.reason, origin=origin(request))

    return [approve_merchant, reject_merchant]
