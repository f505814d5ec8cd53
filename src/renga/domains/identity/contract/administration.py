"""What administrators see of all accounts and merchants, and may change."""

from typing import Protocol

import msgspec

from renga.domains.identity.contract.accounts import Account, CallOrigin, Stakeholder
from renga.domains.identity.contract.organisations import Merchant, MerchantStatus
from renga.kernel.caller import Caller


class AccountStanding(msgspec.Struct, frozen=True, kw_only=True):
    """An account, and since when it is locked (None: not locked)."""

    account: Account
    locked_at: str | None


class MerchantStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant and its number of members."""

    merchant: Merchant
    members: int


#: The scope of administrators: all accounts, merchants, clients and keys.
ADMINISTRATION = "identity:admin"


class Administration(Protocol):
    """``caller`` is the first parameter and needs ADMINISTRATION. The audit trail records every change with its caller.

    Every method raises Unauthenticated, InsufficientScope; those with an account id AccountNotFound, also for an erased account.
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
        """Newest first; ``email`` is a complete address; ``before`` is an account's id, and the page starts after it."""
        ...

    async def account(self, caller: Caller, account_id: str) -> AccountStanding:
        """One account."""
        ...

    async def lock(self, caller: Caller, account_id: str, *, reason: str, origin: CallOrigin) -> AccountStanding:
        """Refuse every login and API key of the account, end its sessions and tokens. Idempotent. Raises OwnAccount."""
        ...

    async def unlock(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> AccountStanding:
        """Allow logins again; ended sessions and tokens stay ended. Idempotent."""
        ...

    async def end_sessions(self, caller: Caller, account_id: str, *, origin: CallOrigin) -> None:
        """End every session and token of the account; its API keys stay valid."""
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
