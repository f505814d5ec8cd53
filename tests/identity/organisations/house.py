"""Merchants, keys and clients on a real database of the test's own, with accounts put into it by hand."""

from itertools import count
from typing import Any

import asyncpg

from renga.domains.identity.api_keys.local import LocalApiKeys
from renga.domains.identity.buyers.cached import CachedBuyerFacts
from renga.domains.identity.buyers.local import LocalBuyers
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.clients.local import LocalClients
from renga.domains.identity.contract import ADMINISTRATION, AUDIT_TRAIL, CallOrigin, Merchant, MerchantRole, Stakeholder
from renga.domains.identity.organisations.local import LocalMerchants
from renga.domains.identity.organisations.ports import KeyChanges
from renga.domains.identity.stores.api_keys import PostgresApiKeys
from renga.domains.identity.stores.buyers import PostgresBuyers
from renga.domains.identity.stores.clients import PostgresClients
from renga.domains.identity.stores.merchants import PostgresMerchants
from renga.kernel.caller import Caller
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import IdSource, uuid7
from renga.kernel.once import Once
from tests.modules import GRANTS

SECRET = b"the shop's secret of this test"


#: Later than any clock of a test: whoever was proved then is always fresh.
ALWAYS_MS = 2**53


def proved(account_id: str, *scopes: str) -> Caller:
    """Somebody who has just logged in."""
    return Caller(account_id, frozenset(scopes), proved_ms=ALWAYS_MS)


ADMIN = proved("administrator", ADMINISTRATION)
AUDITOR = Caller("auditor", frozenset({AUDIT_TRAIL}))


def acting(account_id: str) -> Caller:
    """Somebody whose proof limits nothing: what she may is for roles and stakeholders to say."""
    return proved(account_id, *GRANTS.scopes)


class Families:
    """Notes which tokens were ended; ``away`` makes it fail."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str | None]] = []
        self.away = False

    async def end(self, *, client_id: str, account_id: str | None) -> None:
        if self.away:
            raise Unavailable("the token store is away")
        self.ended.append((client_id, account_id))


class CountingKeys(PostgresApiKeys):
    """Counts how often the store was asked for a key, and how often last uses were written."""

    looked = 0
    touched = 0

    async def standing(self, key_id: str) -> Any:
        self.looked += 1
        return await super().standing(key_id)

    async def touch(self, uses: Any) -> int:
        self.touched += 1
        return await super().touch(uses)


class House:
    """All of part organisations over one pool, and people to act in it."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, approval: bool = False) -> None:
        self.pool = pool
        self.clock = ManualClock()
        numbers, bits = count(1), count(1)
        self.new_id: IdSource = lambda: uuid7(self.clock.now_ms(), next(numbers))
        self._bits = bits
        merchants = self.merchant_store = PostgresMerchants(pool, secret=SECRET, clock=self.clock)
        self.key_store = CountingKeys(pool, secret=SECRET, clock=self.clock)
        self.families = Families()
        self.links: dict[str, str] = {}
        self.mails_away = False
        self.merchants = LocalMerchants(
            merchants, self.clock, self.new_id, mails=self, randomness=self.randomness, approval=approval
        )
        buyers = PostgresBuyers(pool, secret=SECRET, clock=self.clock)
        self.facts = CachedBuyerFacts(buyers.facts, self.clock)
        self.buyers = LocalBuyers(BuyerDependencies(buyers, self.clock, self.new_id, self.facts.drop))
        self.keys = LocalApiKeys(
            self.key_store, merchants, GRANTS, secret=SECRET, clock=self.clock, randomness=self.randomness
        )
        self.clients = LocalClients(
            PostgresClients(pool, secret=SECRET, clock=self.clock),
            self.families,
            GRANTS,
            secret=SECRET,
            clock=self.clock,
            randomness=self.randomness,
        )

    async def send(self, email: str, merchant: Merchant, *, language: str, link: str, origin: CallOrigin) -> None:
        """``InvitationMails``: the newest link of each address."""
        if self.mails_away:
            raise Unavailable()
        self.links[email] = link

    async def join(self, owner: str, merchant_id: str, name: str, role: MerchantRole) -> str:
        """Somebody is invited and accepts; the id of their account."""
        email = f"{name}@example.com"
        await self.merchants.invite(Caller(owner), merchant_id, email, role, origin=CallOrigin(address=""))
        account_id = str(await self.pool.fetchval("SELECT id::text FROM identity.accounts WHERE email = $1", email))
        await self.merchants.accept_invitation(Caller(account_id), self.links[email])
        return account_id

    def randomness(self, size: int) -> bytes:
        return next(self._bits).to_bytes(size, "big")

    def other_process(self, changes: KeyChanges | None = None) -> LocalApiKeys:
        """Keys as another process of the shop has them: the same database, a memory of its own."""
        store = PostgresApiKeys(self.pool, secret=SECRET, clock=self.clock)
        merchants = PostgresMerchants(self.pool, secret=SECRET, clock=self.clock)
        return LocalApiKeys(
            store, merchants, GRANTS, secret=SECRET, clock=self.clock, randomness=self.randomness, changes=changes
        )

    async def person(self, name: str, *stakeholders: Stakeholder, verified: bool = True) -> str:
        """A new account; her address is ``<name>@example.com``."""
        account_id = self.new_id()
        await self.pool.execute(
            """
            INSERT INTO identity.accounts (id, email, verified_ms, name, language, stakeholders, created_ms)
            VALUES ($1, $2, $3, $4, 'en', $5, $6)
            """,
            account_id,
            f"{name}@example.com",
            self.clock.now_ms() if verified else None,
            name.title(),
            list(stakeholders or ("customer",)),
            self.clock.now_ms(),
        )
        return account_id

    async def stakeholders(self, account_id: str) -> list[str]:
        found = await self.pool.fetchval("SELECT stakeholders FROM identity.accounts WHERE id = $1", account_id)
        return list(found)

    async def set_stakeholders(self, account_id: str, *stakeholders: Stakeholder) -> None:
        await self.pool.execute(
            "UPDATE identity.accounts SET stakeholders = $2 WHERE id = $1", account_id, list(stakeholders)
        )

    async def trail(self) -> list[str]:
        """The actions of the audit trail, oldest first."""
        return [row[0] for row in await self.pool.fetch("SELECT action FROM identity.audit ORDER BY position")]

    async def rows(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM identity.{table}"))


def once(key: str, scope: str = "ana", fingerprint: bytes = b"the request") -> Once:
    """A request under an idempotency key."""
    return Once(scope=scope, key=key, fingerprint=fingerprint)
