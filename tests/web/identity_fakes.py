"""Accounts, sessions, keys, clients and consents in memory, true to their contracts, for tests of the pages."""

import json
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
import pyotp
import segno

from renga.identity.contract import (
    Account,
    AccountNotFound,
    Address,
    ApiKey,
    Authenticated,
    Client,
    Consent,
    ConsentNotFound,
    CredentialsRefused,
    EmailInvalid,
    KeyNotFound,
    LinkInvalid,
    Member,
    Merchant,
    MerchantRole,
    NewKey,
    Passkey,
    PasskeyRefused,
    PasswordRefused,
    PendingConsent,
    RateLimit,
    SavedAddress,
    ScopeNotAllowed,
    SecondFactorRefused,
    SecondFactorRequired,
    Stakeholder,
    TotpEnrolment,
    Visitor,
)
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.errors import NotFound
from renga.kernel.once import IdempotencyConflict, Once
from renga.platform.sessions.port import Session

PASSWORD = "o rio corre devagar"
STAFF = frozenset(("merchant", "operator", "finance", "admin"))


class Person(msgspec.Struct, kw_only=True):
    """An account with its proofs; ``totp`` is the active secret, ``pending`` one that waits for its first code."""

    account: Account
    password: str
    totp: str | None = None
    pending: str | None = None
    recovery: list[str] = []
    addresses: list[SavedAddress] = []
    passkeys: list[Passkey] = []


class FakeAccounts:
    """People in a dictionary. ``mails`` are the links sent, by address; ``trouble`` is raised by every call while set."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.mails: list[tuple[str, str, str]] = []
        self.links: dict[str, tuple[str, str]] = {}
        self.waiting: dict[str, tuple[str, str, str, str]] = {}
        self.trouble: Exception | None = None
        self.calls: list[str] = []

    def add(
        self, email: str = "ana@example.com", name: str = "Ana Lima", *, stakeholders: tuple[Stakeholder, ...] = ("customer",)
    ) -> Person:
        account = Account(
            id=f"0192f0c4-7e1a-7abc-8def-{len(self.people) + 1:012x}",
            email=email,
            email_verified=True,
            name=name,
            language="pt-BR",
            stakeholders=stakeholders,
            second_factor=False,
            passkeys=0,
            created_at="2026-03-08T12:00:00Z",
        )
        person = Person(account=account, password=PASSWORD)
        self.people[account.id] = person
        return person

    def enrol(self, person: Person) -> str:
        """Give her an active second factor; answers its secret."""
        person.totp, person.recovery = pyotp.random_base32(), ["RECOVER-1"]
        person.account = msgspec.structs.replace(person.account, second_factor=True)
        return person.totp

    def by_email(self, email: str) -> Person | None:
        return next((p for p in self.people.values() if p.account.email == email.casefold()), None)

    def _of(self, account_id: str) -> Person:
        if self.trouble:
            raise self.trouble
        if account_id not in self.people:
            raise AccountNotFound
        return self.people[account_id]

    def _check_password(self, password: str) -> None:
        if len(password) < 10:
            raise PasswordRefused(reason="too_short")
        if password == "senha123456":
            raise PasswordRefused(reason="breached")

    async def register(self, email: str, password: str, name: str, language: str, visitor: Visitor) -> None:
        if self.trouble:
            raise self.trouble
        if "@" not in email:
            raise EmailInvalid
        self._check_password(password)
        link = secrets.token_urlsafe(16)
        if self.by_email(email) is None:
            self.waiting[link] = (email, password, name, language)
            self.mails.append((email, "verify", link))
        else:
            self.mails.append((email, "known", ""))

    async def verify_email(self, link: str) -> Account:
        if link not in self.waiting:
            raise LinkInvalid
        email, password, name, language = self.waiting.pop(link)
        person = self.add(email, name)
        person.password = password
        person.account = msgspec.structs.replace(person.account, language=language)
        return person.account

    async def log_in(self, email: str, password: str, visitor: Visitor) -> Authenticated:
        if self.trouble:
            raise self.trouble
        self.calls.append("log_in")
        person = self.by_email(email)
        if person is None or person.password != password:
            raise CredentialsRefused
        needed = person.account.second_factor or bool(STAFF & set(person.account.stakeholders))
        return Authenticated(account=person.account, second_factor_needed=needed, amr=("pwd",))

    async def check_second_factor(self, account_id: str, code: str, visitor: Visitor) -> Authenticated:
        person = self._of(account_id)
        if not self._right(person, code):
            raise SecondFactorRefused
        return Authenticated(account=person.account, second_factor_needed=False, amr=("pwd", "otp", "mfa"))

    def _right(self, person: Person, code: str) -> bool:
        if code in person.recovery:
            person.recovery = [one for one in person.recovery if one != code]
            return True
        return person.totp is not None and code == self.code(person.totp)

    def code(self, secret: str) -> str:
        """What an authenticator shows now."""
        return pyotp.TOTP(secret).at(self.clock.now_ms() // 1000)

    async def find(self, account_id: str) -> Account:
        return self._of(account_id).account

    async def change_password(
        self, account_id: str, old: str, new: str, visitor: Visitor, *, keep_session: str | None = None
    ) -> None:
        person = self._of(account_id)
        if person.password != old:
            raise CredentialsRefused
        self._check_password(new)
        person.password = new

    async def start_recovery(self, email: str, visitor: Visitor) -> None:
        person = self.by_email(email)
        if person is not None:
            link = secrets.token_urlsafe(16)
            self.links[link] = (person.account.id, "recover")
            self.mails.append((email, "recover", link))

    async def finish_recovery(self, link: str, password: str, visitor: Visitor) -> Account:
        if link not in self.links:
            raise LinkInvalid
        self._check_password(password)
        person = self._of(self.links.pop(link)[0])
        person.password = password
        return person.account

    async def start_totp(self, account_id: str) -> TotpEnrolment:
        person = self._of(account_id)
        person.pending = pyotp.random_base32()
        uri = pyotp.TOTP(person.pending).provisioning_uri(name=person.account.email, issuer_name="Renga")
        picture = segno.make(uri, micro=False).svg_inline(omitsize=True)
        return TotpEnrolment(secret=person.pending, uri=uri, picture=picture)

    async def confirm_totp(self, account_id: str, code: str) -> tuple[str, ...]:
        person = self._of(account_id)
        if person.pending is None or code != self.code(person.pending):
            raise SecondFactorRefused
        person.totp, person.pending = person.pending, None
        person.account = msgspec.structs.replace(person.account, second_factor=True)
        person.recovery = [f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}" for _ in range(10)]
        return tuple(person.recovery)

    async def remove_totp(self, account_id: str, code: str) -> None:
        person = self._of(account_id)
        if not self._right(person, code):
            raise SecondFactorRefused
        if STAFF & set(person.account.stakeholders):
            raise SecondFactorRequired
        person.totp, person.recovery = None, []
        person.account = msgspec.structs.replace(person.account, second_factor=False)

    async def start_passkey(self, account_id: str) -> dict[str, Any]:
        self._of(account_id)
        return {"challenge": "Y2hhbGxlbmdl", "rp": {"name": "Renga"}, "user": {"id": "YQ", "name": "a", "displayName": "a"}}

    async def finish_passkey(self, account_id: str, credential: dict[str, Any], name: str) -> None:
        person = self._of(account_id)
        if credential.get("id") is None:
            raise PasskeyRefused
        self.keep_passkey(person, str(credential["id"]), name)

    def keep_passkey(self, person: Person, passkey_id: str, name: str) -> None:
        made = Passkey(id=passkey_id, name=name, created_at=rfc3339(self.clock.now_ms()), used_at=None)
        person.passkeys = [*person.passkeys, made]
        person.account = msgspec.structs.replace(person.account, passkeys=len(person.passkeys))

    async def passkeys(self, account_id: str) -> tuple[Passkey, ...]:
        return tuple(self._of(account_id).passkeys)

    async def remove_passkey(self, account_id: str, passkey_id: str) -> None:
        person = self._of(account_id)
        person.passkeys = [one for one in person.passkeys if one.id != passkey_id]
        person.account = msgspec.structs.replace(person.account, passkeys=len(person.passkeys))

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        return "challenge-1", {"challenge": "Y2hhbGxlbmdl", "userVerification": "required"}

    async def passkey_login(self, challenge: str, credential: dict[str, Any], visitor: Visitor) -> Authenticated:
        for person in self.people.values():
            if challenge == "challenge-1" and credential.get("id") in [one.id for one in person.passkeys]:
                return self.by_passkey(person)
        raise PasskeyRefused

    def by_passkey(self, person: Person) -> Authenticated:
        return Authenticated(account=person.account, second_factor_needed=False, amr=("hwk", "mfa"))

    async def addresses(self, account_id: str) -> tuple[SavedAddress, ...]:
        return tuple(sorted(self._of(account_id).addresses, key=lambda one: not one.default))

    async def save_address(
        self, account_id: str, address: Address, *, address_id: str | None, default: bool
    ) -> SavedAddress:
        person = self._of(account_id)
        if address_id is not None and address_id not in [one.id for one in person.addresses]:
            raise NotFound
        saved = SavedAddress(
            id=address_id or f"adr-{len(person.addresses) + 1}", address=address, default=default or not person.addresses
        )
        others = [one for one in person.addresses if one.id != saved.id]
        if saved.default:
            others = [msgspec.structs.replace(one, default=False) for one in others]
        person.addresses = [*others, saved]
        return saved

    async def remove_address(self, account_id: str, address_id: str) -> None:
        person = self._of(account_id)
        person.addresses = [one for one in person.addresses if one.id != address_id]

    async def export(self, account_id: str) -> dict[str, Any]:
        return {"account": json.loads(msgspec.json.encode(self._of(account_id).account))}

    async def erase(self, account_id: str, visitor: Visitor) -> None:
        self._of(account_id)
        del self.people[account_id]


class FakeSessions:
    """Sessions by their cookie's value. ``trouble`` is raised by every call while it is set."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.by_secret: dict[str, Session] = {}
        self.trouble: Exception | None = None
        self._count = 0

    def _open(self) -> None:
        if self.trouble:
            raise self.trouble

    async def read(self, secret: str) -> Session | None:
        self._open()
        return self.by_secret.get(secret)

    async def start(self, *, address: str, agent: str) -> tuple[str, Session]:
        self._open()
        self._count += 1
        secret, now = secrets.token_urlsafe(16), self.clock.now_ms()
        session = Session(
            id=f"ses-{self._count}",
            csrf=secrets.token_urlsafe(16),
            created_ms=now,
            seen_ms=now,
            address=address,
            agent=agent,
        )
        self.by_secret[secret] = session
        return secret, session

    async def rotate(self, secret: str, session: Session) -> str:
        self._open()
        self.by_secret.pop(secret, None)
        fresh = secrets.token_urlsafe(16)
        self.by_secret[fresh] = msgspec.structs.replace(session, csrf=secrets.token_urlsafe(16))
        return fresh

    async def end(self, secret: str) -> None:
        self._open()
        self.by_secret.pop(secret, None)

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        self._open()
        hers = [one for one in self.by_secret.values() if one.account_id == account_id]
        return tuple(sorted(hers, key=lambda one: -one.seen_ms))

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        self._open()
        dead = [
            secret
            for secret, one in self.by_secret.items()
            if one.account_id == account_id and one.id != but and session_id in (None, one.id)
        ]
        for secret in dead:
            del self.by_secret[secret]
        return len(dead)

    def elsewhere(self, account_id: str, agent: str, *, ago_ms: int = 0, address: str = "203.0.113.7") -> str:
        """She is logged in on another device; answers that session's id."""
        self._count += 1
        seen = self.clock.now_ms() - ago_ms
        session = Session(
            id=f"ses-{self._count}",
            csrf="other",
            account_id=account_id,
            created_ms=seen,
            seen_ms=seen,
            auth_at_ms=seen,
            agent=agent,
            address=address,
        )
        self.by_secret[secrets.token_urlsafe(16)] = session
        return session.id


class FakeApiKeys:
    """``may`` are the scopes that anyone may give."""

    def __init__(self, clock: Clock, may: Sequence[str] = ("cart", "orders")) -> None:
        self.clock = clock
        self.may = tuple(may)
        self.keys: dict[str, ApiKey] = {}
        self._done: dict[tuple[str, str], tuple[bytes, NewKey]] = {}

    async def create(
        self,
        by: str,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        visitor: Visitor | None = None,
        once: Once | None = None,
    ) -> NewKey:
        if set(scopes) - set(self.may):
            raise ScopeNotAllowed
        if once and (once.scope, once.key) in self._done:
            fingerprint, made = self._done[once.scope, once.key]
            if fingerprint != once.fingerprint:
                raise IdempotencyConflict
            return made
        new = self._make(by, name, tuple(scopes), life_s)
        if once:
            self._done[once.scope, once.key] = (once.fingerprint, new)
        return new

    def _make(self, by: str, name: str, scopes: tuple[str, ...], life_s: int | None) -> NewKey:
        now = self.clock.now_ms()
        key_id = f"key-{len(self.keys) + 1}"
        info = ApiKey(
            id=key_id,
            name=name,
            prefix=f"rk_{key_id}",
            merchant_id=None,
            account_id=by,
            scopes=scopes,
            limit=RateLimit(per_minute=600, burst=60),
            created_at=rfc3339(now),
            expires_at=rfc3339(now + life_s * 1000) if life_s else None,
            last_used_at=None,
            revoked=False,
        )
        self.keys[key_id] = info
        return NewKey(info=info, key=f"rk_{key_id}_{secrets.token_urlsafe(24)}")

    async def of_owner(self, by: str, merchant_id: str | None) -> tuple[ApiKey, ...]:
        return tuple(reversed([key for key in self.keys.values() if key.account_id == by]))

    def _hers(self, by: str, key_id: str) -> ApiKey:
        key = self.keys.get(key_id)
        if key is None or key.account_id != by:
            raise KeyNotFound
        return key

    async def rotate(
        self, by: str, key_id: str, *, overlap_s: int, visitor: Visitor | None = None, once: Once | None = None
    ) -> NewKey:
        old = self._hers(by, key_id)
        ends = rfc3339(self.clock.now_ms() + overlap_s * 1000)
        self.keys[key_id] = msgspec.structs.replace(old, expires_at=ends)
        return self._make(by, old.name, old.scopes, None)

    async def revoke(self, by: str, key_id: str, *, visitor: Visitor | None = None) -> None:
        self.keys[key_id] = msgspec.structs.replace(self._hers(by, key_id), revoked=True)

    async def check(self, key: str) -> ApiKey | None:
        raise NotImplementedError


class FakeClients:
    """Only what the pages ask of Clients: consents by account."""

    def __init__(self) -> None:
        self.allowed: dict[str, list[Consent]] = {}

    async def consents(self, account_id: str) -> tuple[Consent, ...]:
        return tuple(self.allowed.get(account_id, ()))

    async def withdraw(self, account_id: str, client_id: str, *, visitor: Visitor | None = None) -> None:
        self.allowed[account_id] = [one for one in self.allowed.get(account_id, []) if one.client_id != client_id]

    async def find(self, client_id: str) -> Client:
        raise NotImplementedError


class FakeMerchants:
    """Only what the pages ask of Merchants: whose member somebody is."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[tuple[Merchant, MerchantRole], ...]] = {}

    async def of_account(self, account_id: str) -> tuple[tuple[Merchant, MerchantRole], ...]:
        return self.of.get(account_id, ())

    async def members(self, by: str, merchant_id: str) -> tuple[Member, ...]:
        raise NotImplementedError


class FakeConsents:
    """Open requests by id; ``decided`` are the answers given."""

    def __init__(self) -> None:
        self.open: dict[str, PendingConsent] = {}
        self.decided: list[tuple[str, bool]] = []
        self.goes_to = "https://app.example/cb?code=abc"

    async def pending(self, request_id: str) -> PendingConsent:
        if request_id not in self.open:
            raise ConsentNotFound
        return self.open[request_id]

    async def decide(self, request_id: str, allow: bool) -> str:
        await self.pending(request_id)
        del self.open[request_id]
        self.decided.append((request_id, allow))
        return self.goes_to
