"""What the shop's administrators see and do of other people's accounts and merchants."""

from typing import Protocol

import msgspec

from renga.domains.identity.contract.accounts import Account, CallOrigin, Stakeholder
from renga.domains.identity.contract.organisations import Merchant, MerchantStatus
from renga.kernel.caller import Caller


class AccountStanding(msgspec.Struct, frozen=True, kw_only=True):
    """An account, and since when it is locked (None: it is not)."""

    account: Account
    locked_at: str | None


class MerchantStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant, and how many members it has."""

    merchant: Merchant
    members: int


#: The scope of administrators: every account, merchant, client and key.
ADMINISTRATION = "identity:admin"


class Administration(Protocol):
    """The caller comes first and needs ADMINISTRATION; all that is done is in the audit trail, with the caller's name.

    Every method raises Unauthenticated, InsufficientScope; those with an account id AccountNotFound, also for who was erased.
    """

    async def accounts(
        self,
        caller: Caller,
        *,
        email: str | None = None,
        stakeholder: Stakeholder | None = None,
        limit: int,
        before: str | None = None,
    ) -> tuple[AccountStanding, ...]:
        """Newest first; ``email`` is a whole address, ``before`` the id of an account: the page after it."""
        ...

    async def account(self, caller: Caller, account_id: str) -> AccountStanding:
        """One of them."""
        ...

    async def lock(self, caller: Caller, account_id: str, *, reason: str, origin: CallOrigin) -> AccountStanding:
        """Nobody logs in to it, no key of hers works, sessions and tokens end. Raises OwnAccount; twice is no error."""
        ...

    async def unlock(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> AccountStanding:
        """She may log in again; what has ended stays ended. Twice is no error."""
        ...

    async def end_sessions(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> None:
        """Every browser and every token of hers is logged out; her keys go on."""
        ...

    async def merchants(
        self, caller: Caller, *, status: MerchantStatus | None = None, limit: int, before: str | None = None
    ) -> tuple[MerchantStanding, ...]:
        """Those that are not closed, newest first; ``before`` is the id of a merchant."""
        ...

    async def approve_merchant(self, caller: Caller, merchant_id: str, *, origin: CallOrigin) -> Merchant:
        """Its members may manage its products, its keys work. Raises MerchantNotFound; twice is no error."""
        ...

    async def reject_merchant(self, caller: Caller, merchant_id: str, *, reason: str, origin: CallOrigin) -> Merchant:
        """Its members read the reason; it may be approved later. Raises MerchantNotFound, MerchantAlreadyApproved."""
        ...
