"""Internal values of accounts: people with their credentials, and counters of failures."""

import msgspec

from renga.domains.identity.contract import Stakeholder


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account with its internal data. ``password`` is an Argon2 hash; ``email`` is normalised, "" once erased."""

    id: str
    email: str
    verified_ms: int | None
    name: str
    language: str
    stakeholders: tuple[Stakeholder, ...]
    password: str | None
    created_ms: int
    erased_ms: int | None = None
    locked_ms: int | None = None
    version: int = 1
    totp: bool = False
    passkeys: int = 0


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an account whose address is not verified yet; ``link_hash`` is the SHA-256 of the link.

    ``account_id`` is the id of the future account, so that the audit entry of the request belongs to it.
    """

    link_hash: bytes
    account_id: str
    email: str
    name: str
    language: str
    password: str
    expires_ms: int


class TotpState(msgspec.Struct, frozen=True, kw_only=True):
    """TOTP state: encrypted secrets, the last time step used, the time of the last correct code."""

    secret: bytes | None = None
    pending: bytes | None = None
    last_step: int = 0
    checked_ms: int = 0


class PasskeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A WebAuthn credential: ``public_key`` is COSE, ``sign_count`` the last counter value."""

    credential_id: bytes
    account_id: str
    public_key: bytes
    sign_count: int
    name: str
    transports: tuple[str, ...]
    synced: bool
    created_ms: int
    used_ms: int | None = None


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive failures of a subject, network or pair. ``last_ms``: latest failure; ``known_ms``: latest success or 0."""

    failures: int = 0
    last_ms: int = 0
    known_ms: int = 0


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """The counters before an attempt: of the pair, of the subject, of the network."""

    pair: Counter
    subject: Counter
    network: Counter


class AttemptKey(msgspec.Struct, frozen=True, kw_only=True):
    """Subject and network of an attempt, as keyed hashes, so that the table holds no personal data."""

    subject: bytes
    network: bytes
