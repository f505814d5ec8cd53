"""What only identity sees of accounts: people with their proofs, and counts of wrong guesses. Values, no rules."""

import msgspec

from renga.domains.identity.contract import Stakeholder


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account with what only identity sees. ``password`` is an Argon2 hash; ``email`` is normalised, "" once erased."""

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
    """Somebody asked for an account and has not proved the address yet; ``link_hash`` is SHA-256 of the link.

    ``account_id`` is the id that the account will have, so that the trail's entry of the request is hers as well.
    """

    link_hash: bytes
    account_id: str
    email: str
    name: str
    language: str
    password: str
    expires_ms: int


class TotpState(msgspec.Struct, frozen=True, kw_only=True):
    """A time-based one-time password: sealed secrets, the last time step used, when a code was last right."""

    secret: bytes | None = None
    pending: bytes | None = None
    last_step: int = 0
    checked_ms: int = 0


class PasskeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A WebAuthn credential: ``public_key`` is COSE, ``sign_count`` the last counter seen."""

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
    """Failures in a row of a subject, a network or both; ``last_ms`` the latest, ``known_ms`` the latest success (0: never)."""

    failures: int = 0
    last_ms: int = 0
    known_ms: int = 0


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """What is known before an attempt: of the subject from this network, of the subject, of the network."""

    pair: Counter
    subject: Counter
    network: Counter


class AttemptKey(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and from where an attempt counts: keyed hashes, so that the table names nobody."""

    subject: bytes
    network: bytes
