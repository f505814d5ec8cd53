"""Ports of accounts: units of work, password hashing, encryption, WebAuthn, access revocation."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from renga.domains.identity.accounts.model.values import (
    AttemptKey,
    Counter,
    Counters,
    PasskeyRecord,
    Person,
    Registration,
    TotpState,
)
from renga.domains.identity.contract import AuditEntry, SavedAddress
from renga.kernel.errors import Conflict
from renga.kernel.facts import Fact
from renga.kernel.once import Once

T = TypeVar("T")


class EmailTaken(Conflict):
    code = "email_taken"
    title = "There is an account with this address"


class AccessRevoker(Protocol):
    """Ends one kind of access that old credentials gave: sessions, refresh tokens or cached API keys."""

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        """End all access of the account, except the session ``keep_session``. Idempotent. Raises Unavailable."""
        ...


class PeopleRows(Protocol):
    """Accounts, registrations and recoveries. ``lock`` locks the row until the unit ends."""

    async def find(self, account_id: str, *, lock: bool = False) -> Person | None:
        """The account with this id, even if erased; None if there is none."""
        ...

    async def by_email(self, email: str, *, lock: bool = False) -> Person | None:
        """The account with this normalised address; None if there is none."""
        ...

    async def add(self, person: Person) -> None:
        """Raises EmailTaken."""
        ...

    async def save(self, person: Person) -> Person:
        """Write all mutable columns; increments the version."""
        ...

    async def add_registration(self, registration: Registration, *, keep_max: int, now_ms: int) -> None:
        """Store it unless the address has an account; keeps the newest ``keep_max`` per address.

        The same statements run in either case.
        """
        ...

    async def take_registration(self, link_hash: bytes, now_ms: int) -> Registration | None:
        """Remove and return it, and remove all others of its address; None if unknown, used or expired."""
        ...

    async def add_recovery(self, email: str, link_hash: bytes, *, expires_ms: int, keep_max: int, now_ms: int) -> None:
        """Store a link if the address has an account; keeps the newest ``keep_max`` per account.

        The same statements run in either case.
        """
        ...

    async def recovery_of(self, link_hash: bytes, now_ms: int) -> str | None:
        """The account of a valid link; the link stays."""
        ...

    async def take_recovery(self, link_hash: bytes, now_ms: int) -> str | None:
        """Remove it and all others of its account; returns the account, or None if unknown, used or expired."""
        ...


class ProofRows(Protocol):
    """Second factors and passkeys."""

    async def totp(self, account_id: str) -> TotpState:
        """The TOTP state, locked until the unit ends."""
        ...

    async def save_totp(self, account_id: str, state: TotpState) -> None:
        """Replace the state."""
        ...

    async def remove_totp(self, account_id: str) -> None:
        """Remove the secret and all recovery codes."""
        ...

    async def set_recovery_codes(self, account_id: str, hashes: Sequence[bytes]) -> None:
        """Replace all recovery codes by these."""
        ...

    async def use_recovery_code(self, account_id: str, code_hash: bytes) -> bool:
        """Remove it; False if there was none."""
        ...

    async def recovery_codes_left(self, account_id: str) -> int:
        """Number of unused recovery codes."""
        ...

    async def add_challenge(self, challenge: bytes, account_id: str | None, *, expires_ms: int, now_ms: int) -> None:
        """Store a challenge for an account, or (None) for a login."""
        ...

    async def take_challenge(self, challenge: bytes, account_id: str | None, now_ms: int) -> bool:
        """Remove it; False if unknown, another account's, used or expired."""
        ...

    async def add_passkey(self, passkey: PasskeyRecord) -> bool:
        """False if this credential is registered already."""
        ...

    async def passkey(self, credential_id: bytes) -> PasskeyRecord | None:
        """The credential, locked until the unit ends."""
        ...

    async def passkeys(self, account_id: str) -> Sequence[PasskeyRecord]:
        """Oldest first."""
        ...

    async def use_passkey(self, credential_id: bytes, sign_count: int, now_ms: int) -> None:
        """Record a use: the sign counter and the time."""
        ...

    async def remove_passkey(self, account_id: str, credential_id: bytes) -> bool:
        """Remove it; False if the account has none with this id."""
        ...


class AddressRows(Protocol):
    """Saved postal addresses."""

    async def of_account(self, account_id: str) -> Sequence[SavedAddress]:
        """The default first, then the most recently saved."""
        ...

    async def put(self, account_id: str, saved: SavedAddress, now_ms: int) -> None:
        """Insert, or replace the one with this id; a new default replaces the old default."""
        ...

    async def remove(self, account_id: str, address_id: str) -> bool:
        """Remove it; False if the account has none with this id."""
        ...


class AttemptRows(Protocol):
    """Counters of failed attempts."""

    async def read(self, key: AttemptKey) -> Counters:
        """The counters, locked until the unit ends."""
        ...

    async def write(self, key: AttemptKey, counters: Counters) -> None:
        """Replace the counters that were read."""
        ...

    async def of_subject(self, subject: bytes) -> Sequence[Counter]:
        """One per network, latest first (a bounded number)."""
        ...

    async def tidy(self, *, unknown_before_ms: int, known_before_ms: int) -> None:
        """Delete a bounded number of counters not changed since: of networks never known, and of known networks."""
        ...


class TrailRows(Protocol):
    """The audit trail."""

    async def entries(self, account_id: str | None, *, limit: int, before: int | None) -> Sequence[AuditEntry]:
        """Newest first, starting below the position ``before``; all accounts for None."""
        ...

    async def forget_addresses(self, account_id: str) -> None:
        """Delete the network addresses in the account's entries."""
        ...


class Unit(Protocol):
    """One transaction."""

    @property
    def people(self) -> PeopleRows:
        """Accounts, registrations, recoveries."""
        ...

    @property
    def proofs(self) -> ProofRows:
        """Second factors and passkeys."""
        ...

    @property
    def addresses(self) -> AddressRows:
        """Postal addresses."""
        ...

    @property
    def attempts(self) -> AttemptRows:
        """Counters of failed attempts."""
        ...

    @property
    def trail(self) -> TrailRows:
        """The audit trail."""
        ...

    async def export_parts(self, account_id: str) -> Mapping[str, Any]:
        """The data of identity's other parts about the account, by part, ready for JSON; never a credential."""
        ...

    async def erase_parts(self, account_id: str, *, at_ms: int) -> None:
        """Erase the account's data in identity's other parts: organisations, keys, consents, external logins.

        Idempotent. Raises LastOwner if a merchant that only this account owns has other members.
        """
        ...

    async def erase_person(self, person: Person, subjects: Sequence[bytes]) -> None:
        """Delete the person's credentials, addresses, links, counters (of ``subjects``) and network addresses in the trail."""
        ...

    async def record(
        self,
        action: str,
        *,
        account_id: str | None,
        by: str | None,
        address: str,
        at_ms: int,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write an entry of the audit trail."""
        ...

    async def earlier(self, once: Once | None, kind: type[T]) -> T | None:
        """The answer of an earlier call with this key, or None. Raises IdempotencyConflict."""
        ...

    async def replay(self, once: Once | None, kind: type[T]) -> T | None:
        """Like ``earlier``; if there is none, claims the key: concurrent calls with it wait until this unit ends."""
        ...

    async def keep(self, once: Once | None, answer: Any) -> None:
        """Store the answer for later calls with this key, encrypted under a key derived from it."""
        ...

    async def announce(self, person: Person, fact: Fact, *, event_id: str, at_ms: int) -> None:
        """Write an event of this account to the outbox; its sequence is the person's version."""
        ...


class Units(Protocol):
    """Opens units of work. Raises Unavailable, OutcomeUnknown."""

    def begin(self) -> AbstractAsyncContextManager[Unit]:
        """Committed when the block ends, rolled back when it raises."""
        ...


class Passwords(Protocol):
    """Password hashing that never blocks the event loop. Raises Unavailable when the queue is full."""

    async def check_strength(self, password: str, personal: Sequence[str]) -> None:
        """``personal`` are easily guessed words about this person. Raises PasswordRefused."""
        ...

    async def hash(self, password: str) -> str:
        """An Argon2id hash in its text form, salt and parameters included."""
        ...

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Always costs one verification; False without a hash."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Was it made with parameters other than the present ones?"""
        ...


class Seal(Protocol):
    """Encrypts secrets that are stored and read again."""

    def close(self, secret: str, account_id: str) -> bytes:
        """Encrypt the secret, bound to the account."""
        ...

    def open(self, sealed: bytes, account_id: str) -> str:
        """Decrypt it. Raises Unavailable if it was encrypted with another key or for another account."""
        ...


class Ceremonies(Protocol):
    """WebAuthn. ``credential`` is the browser's answer as JSON. Raises PasskeyRefused."""

    def challenge_of(self, credential: dict[str, Any]) -> bytes:
        """The challenge named by the credential, not verified yet."""
        ...

    def credential_id_of(self, credential: dict[str, Any]) -> bytes:
        """The id of the credential that was used."""
        ...

    def user_of(self, credential: dict[str, Any]) -> str | None:
        """The account id (user handle) of a discoverable credential."""
        ...

    def creation_options(self, person: Person, challenge: bytes, known: Sequence[PasskeyRecord]) -> dict[str, Any]:
        """Options for ``navigator.credentials.create``; ``known`` credentials are excluded."""
        ...

    def request_options(self, challenge: bytes) -> dict[str, Any]:
        """Options for ``navigator.credentials.get``, for a discoverable credential of any account."""
        ...

    def check_creation(
        self, credential: dict[str, Any], challenge: bytes, *, account_id: str, name: str, now_ms: int
    ) -> PasskeyRecord:
        """Verify a registration; returns the passkey to store."""
        ...

    def check_request(self, credential: dict[str, Any], challenge: bytes, passkey: PasskeyRecord) -> int:
        """Verify an assertion; returns the new sign counter."""
        ...
