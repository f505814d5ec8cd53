"""Merchants as organisations: members and their roles."""

from typing import Literal, Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once

#: What a member may do for the merchant: everything; everything except members and keys; only products and orders.
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
    """Merchants as organisations. ``caller`` is the first parameter. Raises Forbidden if the caller's role does not allow it.

    Every method raises Unauthenticated for a guest, every method with a merchant's id MerchantNotFound for a non-member.
    ``once`` is an idempotency key (IdempotencyConflict: the key was used for another request); ``origin`` is
    for the audit trail.
    """

    async def create(
        self, caller: Caller, name: str, slug: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> Merchant:
        """Create a merchant owned by the caller. Raises SlugTaken, OrganisationInvalid, TooMany, AccountNotFound."""
        ...

    async def of_account(self, caller: Caller) -> tuple[tuple[Merchant, MerchantRole], ...]:
        """The merchants that the caller is a member of."""
        ...

    async def find(self, caller: Caller, merchant_id: str) -> Merchant:
        """A merchant of the caller."""
        ...

    async def rename(
        self, caller: Caller, merchant_id: str, name: str, *, origin: CallOrigin | None = None
    ) -> Merchant:
        """Change the name; the slug stays. Raises OrganisationInvalid."""
        ...

    async def close(self, caller: Caller, merchant_id: str, *, origin: CallOrigin | None = None) -> None:
        """Close it: ends all memberships and revokes its keys. The id stays in records, the slug stays taken."""
        ...

    async def members(self, caller: Caller, merchant_id: str) -> tuple[Member, ...]:
        """Owners first, then by e-mail address."""
        ...

    async def set_member(
        self, caller: Caller, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin | None = None
    ) -> Member:
        """Add a member or change a role. Raises MemberNotFound (no verified account of that address), LastOwner, TooMany."""
        ...

    async def remove_member(
        self, caller: Caller, merchant_id: str, account_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        """Also revokes the member's keys of this merchant. Members may remove themselves. Raises MemberNotFound, LastOwner."""
        ...
