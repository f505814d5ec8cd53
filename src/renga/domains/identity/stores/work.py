"""Shared by all transactions on organisations: error translation, idempotent replays, audit trail, locks."""

from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import asyncpg
import msgspec

from renga.domains.identity.contract import CallOrigin, Merchant, MerchantRole
from renga.domains.identity.organisations.ports import Actor
from renga.domains.identity.stores import audit_recording as auditing
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.postgres import calls

T = TypeVar("T")

_ACTOR = """
    SELECT id::text, email, name, stakeholders FROM identity.accounts
    WHERE {by} AND verified_ms IS NOT NULL AND erased_ms IS NULL FOR NO KEY UPDATE
"""
_ROLE = """
    SELECT m.id::text, m.name, m.slug, m.created_ms, m.status, m.reason, n.role
    FROM identity.merchants m JOIN identity.members n ON n.merchant_id = m.id AND n.account_id = $2
    WHERE m.id = $1 AND m.closed_ms IS NULL
"""


class PostgresWork:
    """``organisations.ports.Work`` on an open transaction."""

    def __init__(
        self, connection: "asyncpg.Connection[asyncpg.Record]", answers: IdempotentAnswers, clock: Clock
    ) -> None:
        self.connection = connection
        self._answers = answers
        self._clock = clock

    @property
    def now_ms(self) -> int:
        return self._clock.now_ms()

    async def replay(self, once: Once | None, kind: type[T]) -> T | None:
        if once is None:
            return None
        answer = await self._answers.claim(self.connection, once, self.now_ms)
        return None if answer is None else msgspec.json.decode(answer, type=kind)

    async def keep(self, once: Once | None, answer: Any) -> None:
        if once is not None:
            await self._answers.keep(self.connection, once, msgspec.json.encode(answer))

    async def record(
        self, action: str, *, by: str | None, account_id: str | None, origin: CallOrigin | None, **details: Any
    ) -> None:
        await auditing.record(
            self.connection,
            action=action,
            account_id=account_id,
            by=by,
            address=origin.address if origin else "",
            details=details,
            at_ms=self.now_ms,
        )

    async def actor(self, account_id: str) -> Actor | None:
        return _actor(await self.connection.fetchrow(_ACTOR.format(by="id = $1"), account_id))

    async def actor_by_email(self, email: str) -> Actor | None:
        return _actor(await self.connection.fetchrow(_ACTOR.format(by="email = $1"), email))

    async def role(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        # Lock the merchant first, in its own statement, so that its members are read after the wait for the lock.
        await self.connection.execute("SELECT 1 FROM identity.merchants WHERE id = $1 FOR UPDATE", merchant_id)
        return membership(await self.connection.fetchrow(_ROLE, merchant_id, account_id))


def _actor(row: "asyncpg.Record | None") -> Actor | None:
    return Actor(id=row[0], email=row[1], name=row[2], stakeholders=tuple(row[3])) if row else None


def merchant(row: "asyncpg.Record") -> Merchant:
    """From id, name, slug, created_ms, status, reason."""
    return Merchant(id=row[0], name=row[1], slug=row[2], created_at=rfc3339(row[3]), status=row[4], reason=row[5])


def membership(row: "asyncpg.Record | None") -> tuple[Merchant, MerchantRole] | None:
    """From a merchant's columns and the role."""
    return (merchant(row), row[6]) if row else None


class PostgresStore:
    """Base of the stores on a pool: reads with a deadline, transactions, translated driver errors."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, secret: bytes, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._answers = IdempotentAnswers("identity", secret)

    async def _fetch(self, query: str, *arguments: object) -> "list[asyncpg.Record]":
        return await calls.fetch(self._pool, query, *arguments)

    async def find_role(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        rows = await self._fetch(_ROLE, merchant_id, account_id)
        return membership(rows[0]) if rows else None

    async def sweep_answers(self) -> int:
        """Delete a batch of expired idempotent answers; returns how many."""
        async with self._transaction() as connection:
            return await self._answers.sweep(connection, self._clock.now_ms())

    def _transaction(self) -> "AbstractAsyncContextManager[calls.Connection]":
        return calls.transaction(self._pool)
