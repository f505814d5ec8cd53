"""What accounts need from the world: units of work over their tables, passwords, seals, passkeys, ends of access."""

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
    title = "There is an account of this address"


class AccessRevoker(Protocol):
    """Ends what old proofs opened in one place: sessions, refresh tokens, remembered keys."""

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        """All of this account's, but the session ``keep_session``. Idempotent. Raises Unavailable."""
        ...


class PeopleRows(Protocol):
    """Accounts, registrations and recoveries. ``lock`` keeps the row until the unit ends."""

    async def find(self, account_id: str, *, lock: bool = False) -> Person | None:
        """The account of an id, also when it is erased; None if there is none."""
        ...

    async def by_email(self, email: str, *, lock: bool = False) -> Person | None:
        """The account of a normalised address; None if there is none."""
        ...

    async def add(self, person: Person) -> None:
        """Raises EmailTaken."""
        ...

    async def save(self, person: Person) -> Person:
        """Write all that may change; the version grows by one."""
        ...

    async def add_registration(self, registration: Registration, *, keep_max: int, now_ms: int) -> None:
        """Keep it unless the address has an account; at most ``keep_max`` per address, the oldest give way.

        The same statements run whether it is kept or not.
        """
        ...

    async def take_registration(self, link_hash: bytes, now_ms: int) -> Registration | None:
        """Remove it and, with it, every other of its address; None if it is unknown, used or too old."""
        ...

    async def add_recovery(self, email: str, link_hash: bytes, *, expires_ms: int, keep_max: int, now_ms: int) -> None:
        """Keep a link for the account of this address, if there is one; at most ``keep_max``, the oldest give way.

        The same statements run whether it is kept or not.
        """
        ...

    async def recovery_of(self, link_hash: bytes, now_ms: int) -> str | None:
        """The account of a living link, which stays."""
        ...

    async def take_recovery(self, link_hash: bytes, now_ms: int) -> str | None:
        """Remove it and every other of its account; the account, or None if it is unknown, used or too old."""
        ...


class ProofRows(Protocol):
    """Second factors and passkeys."""

    async def totp(self, account_id: str) -> TotpState:
        """The state, locked until the unit ends."""
        ...

    async def save_totp(self, account_id: str, state: TotpState) -> None:
        """Keep this state in place of the one before."""
        ...

    async def remove_totp(self, account_id: str) -> None:
        """Forget the secret and every recovery code."""
        ...

    async def set_recovery_codes(self, account_id: str, hashes: Sequence[bytes]) -> None:
        """These, and no others."""
        ...

    async def use_recovery_code(self, account_id: str, code_hash: bytes) -> bool:
        """Remove it; False if it was not there."""
        ...

    async def recovery_codes_left(self, account_id: str) -> int:
        """How many are not used yet."""
        ...

    async def add_challenge(self, challenge: bytes, account_id: str | None, *, expires_ms: int, now_ms: int) -> None:
        """Keep it; an account's own, or with None one for a login."""
        ...

    async def take_challenge(self, challenge: bytes, account_id: str | None, now_ms: int) -> bool:
        """Remove it; False if it is unknown, another's, used or too old."""
        ...

    async def add_passkey(self, passkey: PasskeyRecord) -> bool:
        """False if this credential is registered already."""
        ...

    async def passkey(self, credential_id: bytes) -> PasskeyRecord | None:
        """The credential, locked until the unit ends."""
        ...

    async def passkeys(self, account_id: str) -> Sequence[PasskeyRecord]:
        """The oldest first."""
        ...

    async def use_passkey(self, credential_id: bytes, sign_count: int, now_ms: int) -> None:
        """It was used: its counter and the moment."""
        ...

    async def remove_passkey(self, account_id: str, credential_id: bytes) -> bool:
        """Forget it; False if it is not hers."""
        ...


class AddressRows(Protocol):
    """Saved postal addresses."""

    async def of_account(self, account_id: str) -> Sequence[SavedAddress]:
        """The default first, then the latest saved."""
        ...

    async def put(self, account_id: str, saved: SavedAddress, now_ms: int) -> None:
        """New or in place of the one with its id; a default takes the mark from the one that had it."""
        ...

    async def remove(self, account_id: str, address_id: str) -> bool:
        """Forget it; False if it is not hers."""
        ...


class AttemptRows(Protocol):
    """Counters of failures."""

    async def read(self, key: AttemptKey) -> Counters:
        """The counters, locked until the unit ends."""
        ...

    async def write(self, key: AttemptKey, counters: Counters) -> None:
        """Keep these in place of the ones that were read."""
        ...

    async def of_subject(self, subject: bytes) -> Sequence[Counter]:
        """One for each network, the latest first (a bounded number)."""
        ...

    async def tidy(self, *, strange_before_ms: int, known_before_ms: int) -> None:
        """Forget some counters (a bounded number) that nothing has touched since: of networks never known, and of known ones."""
        ...


class TrailRows(Protocol):
    """The audit trail."""

    async def entries(self, account_id: str | None, *, limit: int, before: int | None) -> Sequence[AuditEntry]:
        """Newest first, from below the position ``before``; of everybody with None."""
        ...

    async def forget_addresses(self, account_id: str) -> None:
        """From where this account came is no longer told."""
        ...


class Unit(Protocol):
    """One transaction: all of it happens or none."""

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
        """Counters of failures."""
        ...

    @property
    def trail(self) -> TrailRows:
        """The audit trail."""
        ...

    async def export_parts(self, account_id: str) -> Mapping[str, Any]:
        """What the other parts of identity keep about the account, by the part's name, ready for JSON; never a proof."""
        ...

    async def erase_parts(self, account_id: str, *, at_ms: int) -> None:
        """Make the account unrecognisable in every other part of identity: organisations, keys, consents, external logins.

        Idempotent. Raises LastOwner: others work in a merchant that only this account owns.
        """
        ...

    async def erase_person(self, person: Person, subjects: Sequence[bytes]) -> None:
        """Remove her proofs, addresses, links, counters (of ``subjects``) and where she came from in the trail."""
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
        """An entry of the audit trail."""
        ...

    async def earlier(self, once: Once | None, kind: type[T]) -> T | None:
        """The answer that an earlier call with this key got, if there is one. Raises IdempotencyConflict."""
        ...

    async def replay(self, once: Once | None, kind: type[T]) -> T | None:
        """As ``earlier``; where there is none, the key is this unit's, and who asks with it meanwhile waits for its end."""
        ...

    async def keep(self, once: Once | None, answer: Any) -> None:
        """What later calls with this key get, sealed: only who has the key can open it."""
        ...

    async def announce(self, person: Person, fact: Fact, *, event_id: str, at_ms: int) -> None:
        """An event of this account, into the outbox; its sequence is the person's version."""
        ...


class Units(Protocol):
    """Opens units of work. Raises Unavailable, OutcomeUnknown."""

    def begin(self) -> AbstractAsyncContextManager[Unit]:
        """Committed when the block ends, rolled back when it raises."""
        ...


class Passwords(Protocol):
    """Hashing that never blocks the loop. Raises Unavailable when too much waits."""

    async def check_strength(self, password: str, personal: Sequence[str]) -> None:
        """``personal`` are words that are easy to guess of this person. Raises PasswordRefused."""
        ...

    async def hash(self, password: str) -> str:
        """An Argon2id hash in its text form, salt and parameters included."""
        ...

    async def verify(self, hashed: str | None, password: str) -> bool:
        """One verification in any case; False for no hash."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Was it made with other parameters than today's?"""
        ...


class Seal(Protocol):
    """Keeps secrets that must be read again unreadable in the database."""

    def close(self, secret: str, account_id: str) -> bytes:
        """The secret, encrypted and bound to the account."""
        ...

    def open(self, sealed: bytes, account_id: str) -> str:
        """Raises Unavailable when it was sealed with another key, or for another account."""
        ...


class Ceremonies(Protocol):
    """WebAuthn. ``credential`` is what the browser answered, as JSON. Raises PasskeyRefused."""

    def challenge_of(self, credential: dict[str, Any]) -> bytes:
        """The challenge that a credential says it answers; it is not checked yet."""
        ...

    def credential_id_of(self, credential: dict[str, Any]) -> bytes:
        """The id of the credential that was used."""
        ...

    def user_of(self, credential: dict[str, Any]) -> str | None:
        """The account that the authenticator kept with a discoverable credential."""
        ...

    def creation_options(self, person: Person, challenge: bytes, known: Sequence[PasskeyRecord]) -> dict[str, Any]:
        """Options for ``navigator.credentials.create``; ``known`` are not to be made twice."""
        ...

    def request_options(self, challenge: bytes) -> dict[str, Any]:
        """Options for ``navigator.credentials.get``, for whichever account the authenticator knows."""
        ...

    def check_creation(
        self, credential: dict[str, Any], challenge: bytes, *, account_id: str, name: str, now_ms: int
    ) -> PasskeyRecord:
        """The passkey to keep."""
        ...

    def check_request(self, credential: dict[str, Any], challenge: bytes, passkey: PasskeyRecord) -> int:
        """The new value of its sign counter."""
        ...
