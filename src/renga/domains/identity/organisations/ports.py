"""Ports of merchants, API keys and clients: stores. Every method may raise Unavailable.

A write is one ``work``: a transaction, committed when the block ends and rolled back when it raises.
"""

from collections.abc import Callable, Mapping, Sequence
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
#: So many random bytes.
RandomBytes = Callable[[int], bytes]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an account that organisations need. The account is verified and not erased."""

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
    """Operations common to all transactions."""

    async def replay(self, once: Once | None, kind: type[T]) -> T | None:
        """The stored answer for this key, as ``kind``; None: proceed. Call it first. Raises IdempotencyConflict."""
        ...

    async def keep(self, once: Once | None, answer: Any) -> None:
        """Store the answer under the key. Call it last."""
        ...

    async def record(
        self, action: str, *, by: str | None, account_id: str | None, origin: CallOrigin | None, **details: Any
    ) -> None:
        """Write an entry of the audit trail."""
        ...

    async def actor(self, account_id: str) -> Actor | None:
        """The account, locked until the transaction ends."""
        ...

    async def role(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        """The merchant, locked until the transaction ends, and the account's role; None if closed, unknown or no member."""
        ...


class MerchantWork(Work, Protocol):
    """A transaction on merchants and members."""

    async def actor_by_email(self, email: str) -> Actor | None:
        """The account with this normalised address."""
        ...

    async def count_merchants(self, account_id: str) -> int:
        """Number of merchants that the account is a member of."""
        ...

    async def count_members(self, merchant_id: str) -> tuple[int, int]:
        """Number of members, and of owners among them."""
        ...

    async def add_merchant(self, merchant: Merchant) -> bool:
        """False if the slug is taken."""
        ...

    async def rename_merchant(self, merchant_id: str, name: str) -> None:
        """Change the name."""
        ...

    async def close_merchant(self, merchant_id: str) -> None:
        """Mark it closed, end its memberships, revoke its keys."""
        ...

    async def put_member(self, merchant_id: str, account_id: str, role: MerchantRole) -> None:
        """Add or change a member; the account becomes a stakeholder ``merchant``."""
        ...

    async def drop_member(self, merchant_id: str, account_id: str) -> None:
        """Remove a member and revoke their keys of this merchant; without another merchant the account loses ``merchant``."""
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
        """Open a transaction."""
        ...

    async def of_account(self, account_id: str) -> tuple[tuple[Merchant, MerchantRole], ...]:
        """The account's merchants by name."""
        ...

    async def membership(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        """The merchant and the account's role; None if closed, unknown or no member."""
        ...

    async def members(self, merchant_id: str) -> tuple[Member, ...]:
        """Owners first, then by e-mail address."""
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
    """A transaction on API keys."""

    async def locked(self, key_id: str) -> Standing | None:
        """A key, locked until the transaction ends."""
        ...

    async def count_active(self, account_id: str, merchant_id: str | None) -> int:
        """Number of active keys (neither revoked nor expired) of a merchant, or of a person."""
        ...

    async def add(self, standing: Standing) -> bool:
        """False if the id is taken."""
        ...

    async def supersede(self, key_id: str, successor: str, expires_ms: int) -> None:
        """Set the key's expiry and its successor."""
        ...

    async def revoke(self, key_id: str) -> None:
        """Revoke the key."""
        ...


class ApiKeyStore(Protocol):
    """API keys."""

    def work(self) -> AbstractAsyncContextManager[KeyWork]:
        """Open a transaction."""
        ...

    async def standing(self, key_id: str) -> Standing | None:
        """A key with its creator's present state; None if there is no such key or its creator is erased."""
        ...

    async def of_owner(self, account_id: str, merchant_id: str | None, limit: int) -> Sequence[Standing]:
        """The keys of a merchant, or of a person, newest first."""
        ...

    async def touch(self, uses: Mapping[str, int]) -> int:
        """Write last-use times (ms), only if later, at most once per minute and key. Returns how many changed."""
        ...


class ClientWork(Work, Protocol):
    """A transaction on clients and consents."""

    async def count(self) -> int:
        """Number of clients; blocks other registrations until the transaction ends."""
        ...

    async def add(self, client: Client) -> bool:
        """False if the id is taken."""
        ...

    async def remove(self, client_id: str) -> bool:
        """Remove it with its consents. False if there is none."""
        ...

    async def exists(self, client_id: str) -> bool:
        """Is it registered? Blocks its removal until the transaction ends."""
        ...

    async def allow(self, account_id: str, client_id: str, scopes: Sequence[str]) -> None:
        """Add scopes to the account's consent."""
        ...

    async def disallow(self, account_id: str, client_id: str) -> bool:
        """Remove the account's consent. False if there was none."""
        ...


class ClientStore(Protocol):
    """OAuth clients and consents."""

    def work(self) -> AbstractAsyncContextManager[ClientWork]:
        """Open a transaction."""
        ...

    async def find(self, client_id: str) -> Client | None:
        """One client."""
        ...

    async def all(self) -> tuple[Client, ...]:
        """By name."""
        ...

    async def consented(self, account_id: str, client_id: str) -> frozenset[str]:
        """The scopes that the account allowed this client."""
        ...

    async def consents(self, account_id: str) -> tuple[Consent, ...]:
        """All consents of the account, by the client's name."""
        ...


class TokenFamilies(Protocol):
    """The refresh-token families of the authorization server, which implements this."""

    async def end(self, *, client_id: str, account_id: str | None) -> None:
        """End every refresh token of the client (for this account, or for all), and the tokens issued from them."""
        ...


class KeyChanges(Protocol):
    """Invalidates the key caches of all processes. Never raises: cache entries expire within seconds anyway."""

    async def tell(self, *, key_id: str = "", account_id: str = "") -> None:
        """Invalidate one key, or all keys of an account."""
        ...
