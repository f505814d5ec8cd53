"""Sessions, API keys, clients, merchants and consents in memory, for tests of the pages."""

import secrets
from collections.abc import Sequence

import msgspec

from renga.domains.identity.contract import (
    Accounts,
    ApiKey,
    CallOrigin,
    Client,
    Consent,
    ConsentNotFound,
    InvitationNotFound,
    KeyNotFound,
    LastOwner,
    Member,
    Merchant,
    MerchantNotFound,
    MerchantRole,
    NewKey,
    PendingConsent,
    RateLimit,
    ReceivedInvitation,
    ScopeNotAllowed,
)
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.once import IdempotencyConflict, Once
from renga.platform.sessions.port import Session


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
        caller: Caller,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        origin: CallOrigin | None = None,
        once: Once | None = None,
    ) -> NewKey:
        if set(scopes) - set(self.may):
            raise ScopeNotAllowed
        if once and (once.scope, once.key) in self._done:
            fingerprint, made = self._done[once.scope, once.key]
            if fingerprint != once.fingerprint:
                raise IdempotencyConflict
            return made
        new = self._make(caller.identified(), name, tuple(scopes), life_s)
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

    async def of_owner(self, caller: Caller, merchant_id: str | None) -> tuple[ApiKey, ...]:
        return tuple(reversed([key for key in self.keys.values() if key.account_id == caller.subject]))

    def _hers(self, by: str, key_id: str) -> ApiKey:
        key = self.keys.get(key_id)
        if key is None or key.account_id != by:
            raise KeyNotFound
        return key

    async def rotate(
        self,
        caller: Caller,
        key_id: str,
        *,
        merchant_id: str | None,
        overlap_s: int,
        origin: CallOrigin | None = None,
        once: Once | None = None,
    ) -> NewKey:
        old = self._hers(caller.identified(), key_id)
        ends = rfc3339(self.clock.now_ms() + overlap_s * 1000)
        self.keys[key_id] = msgspec.structs.replace(old, expires_at=ends)
        return self._make(caller.identified(), old.name, old.scopes, None)

    async def revoke(
        self, caller: Caller, key_id: str, *, merchant_id: str | None, origin: CallOrigin | None = None
    ) -> None:
        self.keys[key_id] = msgspec.structs.replace(self._hers(caller.identified(), key_id), revoked=True)

    async def check(self, key: str) -> ApiKey | None:
        raise AssertionError("nobody asks this here")


class FakeClients:
    """Only what the pages ask of Clients: consents by account."""

    def __init__(self) -> None:
        self.allowed: dict[str, list[Consent]] = {}

    async def consents(self, caller: Caller) -> tuple[Consent, ...]:
        return tuple(self.allowed.get(caller.identified(), ()))

    async def withdraw(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        self.allowed[caller.identified()] = [
            one for one in self.allowed.get(caller.identified(), []) if one.client_id != client_id
        ]

    async def find(self, client_id: str) -> Client:
        raise AssertionError("nobody asks this here")


class FakeMerchants:
    """Only what the pages ask of Merchants: whose member somebody is."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[tuple[Merchant, MerchantRole], ...]] = {}
        #: Open invitations by account and link.
        self.invited: dict[tuple[str, str], tuple[Merchant, MerchantRole]] = {}

    async def of_account(self, caller: Caller) -> tuple[tuple[Merchant, MerchantRole], ...]:
        return self.of.get(caller.identified(), ())

    async def invitation(self, caller: Caller, link: str) -> ReceivedInvitation:
        found = self.invited.get((caller.identified(), link))
        if found is None:
            raise InvitationNotFound
        merchant, role = found
        return ReceivedInvitation(
            merchant_id=merchant.id, merchant_name=merchant.name, role=role, expires_at="2026-12-01T00:00:00.000Z"
        )

    async def accept_invitation(
        self, caller: Caller, link: str, *, origin: CallOrigin | None = None, once: Once | None = None
    ) -> tuple[Merchant, MerchantRole]:
        await self.invitation(caller, link)
        found = self.invited.pop((caller.identified(), link))
        self.of[caller.identified()] = (*self.of.get(caller.identified(), ()), found)
        return found

    async def remove_member(
        self, caller: Caller, merchant_id: str, account_id: str, *, origin: CallOrigin | None = None
    ) -> None:
        hers = self.of.get(account_id, ())
        if (account_id, merchant_id) not in {(caller.identified(), one.id) for one, _ in hers}:
            raise MerchantNotFound
        if ("owner", merchant_id) in {(role, one.id) for one, role in hers}:
            raise LastOwner
        self.of[account_id] = tuple(pair for pair in hers if pair[0].id != merchant_id)

    async def members(self, caller: Caller, merchant_id: str) -> tuple[Member, ...]:
        raise AssertionError("nobody asks this here")


class FakeConsents:
    """Open requests by id; ``decided`` are the answers given."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.open: dict[str, PendingConsent] = {}
        self.decided: list[tuple[str, bool]] = []
        self.goes_to = "https://app.example/cb?code=abc"

    async def pending(self, caller: Caller, request_id: str) -> PendingConsent:
        found = self.open.get(request_id)
        if found is None or found.account_email != (await self._accounts.find(caller)).email:
            raise ConsentNotFound
        return found

    async def decide(self, caller: Caller, request_id: str, allow: bool) -> str:
        await self.pending(caller, request_id)
        del self.open[request_id]
        self.decided.append((request_id, allow))
        return self.goes_to
