"""What merchants, API keys and clients need of a store. Every method raises Unavailable when it is away or late.

A write is one ``work``: a transaction that begins with the block and is committed at its end, or rolled back by an error.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

import msgspec

from renga.domains.identity.contract import (
    CallOrigin,
    Client,
    Consent,
    Invitation,
    Member,
    Merchant,
    MerchantRole,
    Stakeholder,
)
from renga.domains.identity.organisations.model import Standing
from renga.kernel.facts import Fact
from renga.kernel.once import Once

T = TypeVar("T")


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an account that organisations need; its address is verified and it is not erased."""

    id: str
    email: str
    name: str
    stakeholders: tuple[Stakeholder, ...]


class OpenInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that is neither used nor over, with its merchant."""

    id: str
    merchant: Merchant
    email: str
    role: MerchantRole
    expires_ms: int


class Work(Protocol):
    """What every open transaction can do."""

    async def replay(self, once: Once | None, kind: type[T]) -> T | None:
        """The answer kept for this key, as ``kind``; None: go on. Raises IdempotencyConflict. Comes first."""
        ...

    async def keep(self, once: Once | None, answer: Any) -> None:
        """Keep the answer under the key. Comes last."""
        ...

    async def record(
        self, action: str, *, by: str | None, account_id: str | None, origin: CallOrigin | None, **details: Any
    ) -> None:
        """An entry of the audit trail."""
        ...

    async def actor(self, account_id: str) -> Actor | None:
        """The account, locked until the end against other works that lock it."""
        ...

    async def role(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        """The merchant, locked until the end, and this account's role; None for no (open) merchant or no member."""
        ...


class MerchantWork(Work, Protocol):
    """One open transaction on merchants and members."""

    async def actor_by_email(self, email: str) -> Actor | None:
        """The account with this (normalised) address."""
        ...

    async def count_merchants(self, account_id: str) -> int:
        """How many she is a member of."""
        ...

    async def count_members(self, merchant_id: str) -> tuple[int, int]:
        """Members in all, and owners."""
        ...

    async def add_merchant(self, merchant: Merchant) -> bool:
        """False if the slug is taken."""
        ...

    async def rename_merchant(self, merchant_id: str, name: str) -> None:
        """Another name."""
        ...

    async def close_merchant(self, merchant_id: str) -> None:
        """Mark it closed, end its memberships, revoke its keys."""
        ...

    async def put_member(self, merchant_id: str, account_id: str, role: MerchantRole) -> None:
        """Add or change; she is a stakeholder ``merchant`` from now on."""
        ...

    async def drop_member(self, merchant_id: str, account_id: str) -> None:
        """Remove her and revoke her keys of this merchant; without another one she is no stakeholder ``merchant`` any more."""
        ...

    async def find_merchant(self, merchant_id: str) -> Merchant | None:
        """A merchant that is not closed, locked until the end."""
        ...

    async def decide(self, decided: Merchant, fact: Fact, event_id: str) -> None:
        """Keep its status and reason, and announce the fact; its sequence counts the merchant's decisions."""
        ...

    async def has_member(self, merchant_id: str, email: str) -> bool:
        """Is the account of this address a member?"""
        ...

    async def put_invitation(
        self, merchant_id: str, invitation_id: str, email: str, role: MerchantRole, link_hash: bytes, expires_ms: int
    ) -> Invitation:
        """Keep it; one that the address has already keeps its id and gets the new role, link and end."""
        ...

    async def count_invitations(self, merchant_id: str, *, but: str) -> int:
        """The open ones of a merchant, without that of the address ``but``."""
        ...

    async def invited(self, link_hash: bytes) -> OpenInvitation | None:
        """The open invitation of this link; nothing is locked."""
        ...

    async def take_invitation(self, merchant_id: str, invitation_id: str) -> bool:
        """It is over. False if it was already."""
        ...

    async def language_for(self, email: str, account_id: str) -> str:
        """The language of the account of this address, else that of ``account_id``."""
        ...


class MerchantStore(Protocol):
    """Merchants and their members."""

    def work(self) -> AbstractAsyncContextManager[MerchantWork]:
        """One transaction."""
        ...

    async def of_account(self, account_id: str) -> tuple[tuple[Merchant, MerchantRole], ...]:
        """Her merchants by name."""
        ...

    async def membership(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        """The merchant and her role; None for no (open) merchant or no member."""
        ...

    async def members(self, merchant_id: str) -> tuple[Member, ...]:
        """Owners first, then by address."""
        ...

    async def invitations(self, merchant_id: str) -> tuple[Invitation, ...]:
        """The open ones, by address."""
        ...

    async def invited(self, link_hash: bytes) -> OpenInvitation | None:
        """The open invitation of this link."""
        ...

    async def email_of(self, account_id: str) -> str | None:
        """The verified address of an account that is not erased."""
        ...


class InvitationMails(Protocol):
    """Sends links."""

    async def send(self, email: str, merchant: Merchant, *, language: str, link: str, origin: CallOrigin) -> None:
        """To an address that has been sent too many lately nothing is sent, and nothing is said. Raises Unavailable."""
        ...


class KeyWork(Work, Protocol):
    """One open transaction on API keys."""

    async def locked(self, key_id: str) -> Standing | None:
        """A key, locked until the end."""
        ...

    async def count_active(self, account_id: str, merchant_id: str | None) -> int:
        """The keys of a merchant, or a person's own, that are neither revoked nor over."""
        ...

    async def add(self, standing: Standing) -> bool:
        """False if the id is taken."""
        ...

    async def supersede(self, key_id: str, successor: str, expires_ms: int) -> None:
        """Let a key end at this moment and name the one that follows it."""
        ...

    async def revoke(self, key_id: str) -> None:
        """From now on."""
        ...


class ApiKeyStore(Protocol):
    """API keys."""

    def work(self) -> AbstractAsyncContextManager[KeyWork]:
        """One transaction."""
        ...

    async def standing(self, key_id: str) -> Standing | None:
        """A key with what its maker is today; None if there is none or its maker is erased."""
        ...

    async def of_owner(self, account_id: str, merchant_id: str | None, limit: int) -> Sequence[Standing]:
        """The keys of a merchant, or a person's own, newest first."""
        ...

    async def touch(self, uses: Mapping[str, int]) -> int:
        """Write when keys were last used (milliseconds); later moments only, at most once per minute. How many changed."""
        ...


class ClientWork(Work, Protocol):
    """One open transaction on clients and consents."""

    async def count(self) -> int:
        """The clients there are; nobody else registers one until the end."""
        ...

    async def add(self, client: Client) -> bool:
        """False if the id is taken."""
        ...

    async def remove(self, client_id: str) -> bool:
        """With its consents. False if there is none."""
        ...

    async def exists(self, client_id: str) -> bool:
        """Is it registered? It stays so until the end."""
        ...

    async def allow(self, account_id: str, client_id: str, scopes: Sequence[str]) -> None:
        """Add to what she allowed."""
        ...

    async def disallow(self, account_id: str, client_id: str) -> bool:
        """Forget what she allowed. False if it was nothing."""
        ...


class ClientStore(Protocol):
    """OAuth clients and consents."""

    def work(self) -> AbstractAsyncContextManager[ClientWork]:
        """One transaction."""
        ...

    async def find(self, client_id: str) -> Client | None:
        """One client."""
        ...

    async def all(self) -> tuple[Client, ...]:
        """By name."""
        ...

    async def consented(self, account_id: str, client_id: str) -> frozenset[str]:
        """What she allowed this client."""
        ...

    async def consents(self, account_id: str) -> tuple[Consent, ...]:
        """All that she allowed, by the client's name."""
        ...


class TokenFamilies(Protocol):
    """The authorization server's refresh families; it implements this."""

    async def end(self, *, client_id: str, account_id: str | None) -> None:
        """End every refresh token of the client (of this account, or of all), and what was issued from them."""
        ...


class KeyChanges(Protocol):
    """Tells every process that what it remembers of keys is old. Never fails: that memory is short in any case."""

    async def tell(self, *, key_id: str = "", account_id: str = "") -> None:
        """One key, or all keys of an account."""
        ...
