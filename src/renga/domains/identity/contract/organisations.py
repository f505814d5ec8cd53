"""Merchants as organisations: who belongs to one, and as what."""

from typing import Literal, Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once

#: What a member may do for her merchant: everything; everything but members and keys; products and orders only.
MerchantRole = Literal["owner", "manager", "clerk"]


class Merchant(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    slug: str
    created_at: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    email: str
    name: str
    role: MerchantRole


class Merchants(Protocol):
    """Merchants as organisations. The caller comes first; without the role it needs: Forbidden.

    Every method raises Unauthenticated for a guest, every one with a merchant's id MerchantNotFound for who is no member of it.
    ``once`` makes a creation happen once per key (IdempotencyConflict: the key was used for another request); ``origin`` is
    for the audit trail.
    """

    async def create(
        self, caller: Caller, name: str, slug: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> Merchant:
        """A new merchant with the caller as its owner. Raises SlugTaken, OrganisationInvalid, TooMany, AccountNotFound."""
        ...

    async def of_account(self, caller: Caller) -> tuple[tuple[Merchant, MerchantRole], ...]:
        """The merchants she is a member of."""
        ...

    async def find(self, caller: Caller, merchant_id: str) -> Merchant:
        """One of hers."""
        ...

    async def rename(
        self, caller: Caller, merchant_id: str, name: str, *, origin: CallOrigin | None = None
    ) -> Merchant:
        """Another name; the slug stays. Raises OrganisationInvalid."""
        ...

    async def close(self, caller: Caller, merchant_id: str, *, origin: CallOrigin | None = None) -> None:
        """End it: nobody is a member any more, its keys are revoked. Its id stays in the books, its slug stays taken."""
        ...

    async def members(self, caller: Caller, merchant_id: str) -> tuple[Member, ...]:
        """Owners first, then by address."""
        ...

    async def set_member(
        self, caller: Caller, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin | None = None
    ) -> Member:
        """Add or change. Raises MemberNotFound (no verified account of that address), LastOwner, TooMany."""
        ...

    async def remove_member(
        self, caller: Caller, merchant_id: str, account_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        """Her keys of this merchant are revoked with it; anyone may leave. Raises MemberNotFound, LastOwner."""
        ...
