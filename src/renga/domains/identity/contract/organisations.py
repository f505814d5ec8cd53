"""Merchants as organisations: members and their roles."""

from typing import Literal, Protocol

import msgspec

from renga.domains.identity.contract.accounts import CallOrigin
from renga.kernel.caller import Caller
from renga.kernel.once import Once

#: What a member may do for the merchant: everything; everything except members and keys; only products and orders.
MerchantRole = Literal["owner", "manager", "clerk"]


#: A new merchant waits (``pending``) where the shop's settings say so; before it is approved nobody manages products for it.
MerchantStatus = Literal["pending", "approved", "rejected"]


class Merchant(msgspec.Struct, frozen=True, kw_only=True):
    """``reason`` is why it was rejected, as an administrator put it; empty otherwise."""

    id: str
    name: str
    slug: str
    created_at: str
    status: MerchantStatus = "approved"
    reason: str = ""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    email: str
    name: str
    role: MerchantRole


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An open invitation, as the merchant's owners see it. Whether the address has an account, they do not learn."""

    id: str
    email: str
    role: MerchantRole
    invited_at: str
    expires_at: str


class ReceivedInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """An open invitation, as its recipient sees it."""

    merchant_id: str
    merchant_name: str
    role: MerchantRole
    expires_at: str


class Merchants(Protocol):
    """Merchants as organisations. ``caller`` is the first parameter. Raises Forbidden if the caller's role does not allow it.

    Every method raises Unauthenticated for a guest, every method with a merchant's id MerchantNotFound for a non-member.
    ``once`` is an idempotency key (IdempotencyConflict: the key was used for another request); ``origin`` is
    for the audit trail.
    """

    async def create(
        self, caller: Caller, name: str, slug: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> Merchant:
        """A new merchant with the caller as its owner; ``pending`` where merchants need approval.

        Raises SlugTaken, OrganisationInvalid, TooMany, AccountNotFound.
        """
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
        """Another role for a member, by their address. Raises MemberNotFound, LastOwner. Who is no member is invited."""
        ...

    async def remove_member(
        self, caller: Caller, merchant_id: str, account_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        """Also revokes the member's keys of this merchant. Members may remove themselves. Raises MemberNotFound, LastOwner."""
        ...

    async def invite(
        self, caller: Caller, merchant_id: str, email: str, role: MerchantRole, *, origin: CallOrigin
    ) -> Invitation:
        """Send a link to this address; with it the account of the address becomes a member, and not before.

        The answer is the same whether the address has an account or not. Inviting an address again changes the role, sends
        another link and ends the one before. Raises EmailInvalid, AlreadyMember, TooMany.
        """
        ...

    async def invitations(self, caller: Caller, merchant_id: str) -> tuple[Invitation, ...]:
        """The open ones, by address."""
        ...

    async def revoke_invitation(
        self, caller: Caller, merchant_id: str, invitation_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        """Its link opens nothing any more. Raises InvitationNotFound."""
        ...

    async def invitation(self, caller: Caller, link: str) -> ReceivedInvitation:
        """What a link invites the caller to. Raises InvitationNotFound: unknown, used, too old, or for another address."""
        ...

    async def accept_invitation(
        self, caller: Caller, link: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> tuple[Merchant, MerchantRole]:
        """The caller becomes a member, and staff: they need a second factor from the next login on. Once.

        Raises InvitationNotFound, AlreadyMember, TooMany, AccountNotFound.
        """
        ...
