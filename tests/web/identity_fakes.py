"""Accounts in memory, true to their contract, for tests of the pages; the rest of identity is in identity_desks."""

import json
import secrets
from typing import Any

import msgspec
import pyotp
import segno

from renga.domains.identity.contract import (
    Account,
    AccountNotFound,
    Address,
    Authenticated,
    CallOrigin,
    CredentialsRefused,
    EmailInvalid,
    LinkInvalid,
    Passkey,
    PasskeyRefused,
    PasswordRefused,
    SavedAddress,
    SecondFactorRefused,
    SecondFactorRequired,
    Stakeholder,
    TotpEnrolment,
)
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.errors import NotFound
from renga.kernel.once import Once

PASSWORD = "o rio corre devagar"
STAFF = frozenset(("merchant", "operator", "finance", "processor", "admin"))


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
    """People in a dictionary. ``mails`` are the links sent, by address; ``trouble`` is raised while it is set."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.mails: list[tuple[str, str, str]] = []
        self.links: dict[str, tuple[str, str]] = {}
        self.waiting: dict[str, tuple[str, str, str, str]] = {}
        self.trouble: Exception | None = None
        self.calls: list[str] = []

    def add(
        self,
        email: str = "ana@example.com",
        name: str = "Ana Lima",
        *,
        stakeholders: tuple[Stakeholder, ...] = ("customer",),
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

    async def register(self, email: str, password: str, name: str, language: str, origin: CallOrigin) -> None:
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

    async def log_in(self, email: str, password: str, origin: CallOrigin) -> Authenticated:
        if self.trouble:
            raise self.trouble
        self.calls.append("log_in")
        person = self.by_email(email)
        if person is None or person.password != password:
            raise CredentialsRefused
        needed = person.account.second_factor or bool(STAFF & set(person.account.stakeholders))
        return Authenticated(account=person.account, second_factor_needed=needed, amr=("pwd",))

    async def check_second_factor(self, account_id: str, code: str, origin: CallOrigin) -> Authenticated:
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

    async def find(self, caller: Caller) -> Account:
        return self._of(caller.identified()).account

    async def change_profile(
        self, caller: Caller, *, name: str | None, language: str | None, origin: CallOrigin
    ) -> Account:
        raise NotImplementedError("the pages do not change profiles")

    async def change_password(
        self, caller: Caller, old: str, new: str, origin: CallOrigin, *, keep_session: str | None = None
    ) -> None:
        person = self._of(caller.identified())
        if person.password != old:
            raise CredentialsRefused
        self._check_password(new)
        person.password = new

    async def start_recovery(self, email: str, origin: CallOrigin) -> None:
        person = self.by_email(email)
        if person is not None:
            link = secrets.token_urlsafe(16)
            self.links[link] = (person.account.id, "recover")
            self.mails.append((email, "recover", link))

    async def finish_recovery(self, link: str, password: str, origin: CallOrigin) -> Account:
        if link not in self.links:
            raise LinkInvalid
        self._check_password(password)
        person = self._of(self.links.pop(link)[0])
        person.password = password
        return person.account

    async def start_totp(self, caller: Caller, *, once: Once | None = None) -> TotpEnrolment:
        person = self._of(caller.identified())
        person.pending = pyotp.random_base32()
        uri = pyotp.TOTP(person.pending).provisioning_uri(name=person.account.email, issuer_name="Renga")
        picture = segno.make(uri, micro=False).svg_inline(omitsize=True)
        return TotpEnrolment(secret=person.pending, uri=uri, picture=picture)

    async def confirm_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> tuple[str, ...]:
        person = self._of(caller.identified())
        if person.pending is None or code != self.code(person.pending):
            raise SecondFactorRefused
        person.totp, person.pending = person.pending, None
        person.account = msgspec.structs.replace(person.account, second_factor=True)
        person.recovery = [f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}" for _ in range(10)]
        return tuple(person.recovery)

    async def remove_totp(self, caller: Caller, code: str, *, once: Once | None = None) -> None:
        person = self._of(caller.identified())
        if not self._right(person, code):
            raise SecondFactorRefused
        if STAFF & set(person.account.stakeholders):
            raise SecondFactorRequired
        person.totp, person.recovery = None, []
        person.account = msgspec.structs.replace(person.account, second_factor=False)

    async def start_passkey(self, caller: Caller, *, once: Once | None = None) -> dict[str, Any]:
        self._of(caller.identified())
        return {
            "challenge": "Y2hhbGxlbmdl",
            "rp": {"name": "Renga"},
            "user": {"id": "YQ", "name": "a", "displayName": "a"},
        }

    async def finish_passkey(
        self, caller: Caller, credential: dict[str, Any], name: str, *, once: Once | None = None
    ) -> None:
        person = self._of(caller.identified())
        if credential.get("id") is None:
            raise PasskeyRefused
        self.keep_passkey(person, str(credential["id"]), name)

    def keep_passkey(self, person: Person, passkey_id: str, name: str) -> None:
        made = Passkey(id=passkey_id, name=name, created_at=rfc3339(self.clock.now_ms()), used_at=None)
        person.passkeys = [*person.passkeys, made]
        person.account = msgspec.structs.replace(person.account, passkeys=len(person.passkeys))

    async def passkeys(self, caller: Caller) -> tuple[Passkey, ...]:
        return tuple(self._of(caller.identified()).passkeys)

    async def remove_passkey(self, caller: Caller, passkey_id: str) -> None:
        person = self._of(caller.identified())
        person.passkeys = [one for one in person.passkeys if one.id != passkey_id]
        person.account = msgspec.structs.replace(person.account, passkeys=len(person.passkeys))

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        return "challenge-1", {"challenge": "Y2hhbGxlbmdl", "userVerification": "required"}

    async def passkey_login(self, challenge: str, credential: dict[str, Any], origin: CallOrigin) -> Authenticated:
        for person in self.people.values():
            if challenge == "challenge-1" and credential.get("id") in [one.id for one in person.passkeys]:
                return self.by_passkey(person)
        raise PasskeyRefused

    def by_passkey(self, person: Person) -> Authenticated:
        return Authenticated(account=person.account, second_factor_needed=False, amr=("hwk", "mfa"))

    async def addresses(self, caller: Caller) -> tuple[SavedAddress, ...]:
        return tuple(sorted(self._of(caller.identified()).addresses, key=lambda one: not one.default))

    async def save_address(
        self,
        caller: Caller,
        address: Address,
        *,
        address_id: str | None,
        default: bool,
        once: Once | None = None,
    ) -> SavedAddress:
        person = self._of(caller.identified())
        if address_id is not None and address_id not in [one.id for one in person.addresses]:
            raise NotFound
        saved = SavedAddress(
            id=address_id or f"adr-{len(person.addresses) + 1}",
            address=address,
            default=default or not person.addresses,
        )
        others = [one for one in person.addresses if one.id != saved.id]
        if saved.default:
            others = [msgspec.structs.replace(one, default=False) for one in others]
        person.addresses = [*others, saved]
        return saved

    async def remove_address(self, caller: Caller, address_id: str) -> None:
        person = self._of(caller.identified())
        person.addresses = [one for one in person.addresses if one.id != address_id]

    async def export(self, caller: Caller) -> dict[str, Any]:
        return {"account": json.loads(msgspec.json.encode(self._of(caller.identified()).account))}

    async def erase(self, caller: Caller, origin: CallOrigin) -> None:
        self._of(caller.identified())
        del self.people[caller.identified()]
