"""Merchants and their members in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from renga.domains.identity.contract import Invitation, Member, Merchant, MerchantRole
from renga.domains.identity.organisations.ports import MerchantWork, OpenInvitation
from renga.domains.identity.stores.accounts import SCHEMA, SOURCE
from renga.domains.identity.stores.work import PostgresStore, PostgresWork, membership, merchant
from renga.kernel.clock import from_rfc3339, rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact, also_of
from renga.platform.outbox.postgres import append

_OF_ACCOUNT = """
    SELECT m.id::text, m.name, m.slug, m.created_ms, m.status, m.reason, n.role
    FROM identity.members n JOIN identity.merchants m ON m.id = n.merchant_id
    WHERE n.account_id = $1 AND m.closed_ms IS NULL ORDER BY m.name, m.id
"""
_MEMBERS = """
    SELECT a.id::text, coalesce(a.email, ''), a.name, n.role
    FROM identity.members n JOIN identity.accounts a ON a.id = n.account_id
    WHERE n.merchant_id = $1 ORDER BY array_position(ARRAY['owner', 'manager', 'clerk'], n.role), a.email
"""
_ADD = """
    INSERT INTO identity.merchants (id, name, slug, created_ms, status) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (slug) DO NOTHING RETURNING 1
"""
_PUT_MEMBER = """
    INSERT INTO identity.members (merchant_id, account_id, role, since_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (merchant_id, account_id) DO UPDATE SET role = excluded.role
"""
_BECOMES_MERCHANT = """
    UPDATE identity.accounts SET stakeholders = stakeholders || 'merchant'::text
    WHERE id = $1 AND NOT 'merchant' = ANY(stakeholders)
"""
_NO_MERCHANT_ANY_MORE = """
    UPDATE identity.accounts a SET stakeholders = array_remove(stakeholders, 'merchant')
    WHERE id = ANY($1::uuid[]) AND NOT EXISTS (SELECT 1 FROM identity.members n WHERE n.account_id = a.id)
"""
_REVOKE_KEYS = """
    UPDATE identity.api_keys SET revoked_ms = $3
    WHERE merchant_id = $1 AND account_id = ANY($2::uuid[]) AND revoked_ms IS NULL
"""


_FIND = """
    SELECT m.id::text, m.name, m.slug, m.created_ms, m.status, m.reason
    FROM identity.merchants m WHERE m.id = $1 AND m.closed_ms IS NULL FOR UPDATE
"""
_DECIDE = """
    UPDATE identity.merchants SET status = $2, reason = $3, version = version + 1 WHERE id = $1 RETURNING version
"""
_HAS_MEMBER = """
    SELECT EXISTS (
        SELECT FROM identity.members n JOIN identity.accounts a ON a.id = n.account_id WHERE n.merchant_id = $1 AND a.email = $2
    )
"""
_PUT_INVITATION = """
    INSERT INTO identity.invitations (id, merchant_id, email, role, link_hash, created_ms, expires_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (merchant_id, email) DO UPDATE SET role = excluded.role, link_hash = excluded.link_hash,
        created_ms = excluded.created_ms, expires_ms = excluded.expires_ms
    RETURNING id::text, email, role, created_ms, expires_ms
"""
_SWEEP_INVITATIONS = """
    DELETE FROM identity.invitations WHERE id IN (
        SELECT id FROM identity.invitations WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT 20 FOR UPDATE SKIP LOCKED
    )
"""
_INVITED = """
    SELECT m.id::text, m.name, m.slug, m.created_ms, m.status, m.reason, i.id::text, i.email, i.role, i.expires_ms
    FROM identity.invitations i JOIN identity.merchants m ON m.id = i.merchant_id
    WHERE i.link_hash = $1 AND i.expires_ms > $2 AND m.closed_ms IS NULL
"""
_INVITATIONS = """
    SELECT id::text, email, role, created_ms, expires_ms
    FROM identity.invitations WHERE merchant_id = $1 AND expires_ms > $2 ORDER BY email
"""
_LANGUAGE = """
    SELECT language FROM identity.accounts WHERE (email = $1 AND erased_ms IS NULL) OR id = $2
    ORDER BY email IS DISTINCT FROM $1 LIMIT 1
"""


def _invitation(row: "asyncpg.Record") -> Invitation:
    return Invitation(id=row[0], email=row[1], role=row[2], invited_at=rfc3339(row[3]), expires_at=rfc3339(row[4]))


def _open_invitation(row: "asyncpg.Record | None") -> OpenInvitation | None:
    if row is None:
        return None
    return OpenInvitation(id=row[6], merchant=merchant(row), email=row[7], role=row[8], expires_ms=row[9])


class PostgresMerchantWork(PostgresWork):
    """``MerchantWork`` on an open transaction."""

    async def count_merchants(self, account_id: str) -> int:
        return int(
            await self.connection.fetchval("SELECT count(*) FROM identity.members WHERE account_id = $1", account_id)
        )

    async def count_members(self, merchant_id: str) -> tuple[int, int]:
        row = await self.connection.fetchrow(
            "SELECT count(*), count(*) FILTER (WHERE role = 'owner') FROM identity.members WHERE merchant_id = $1",
            merchant_id,
        )
        return (row[0], row[1]) if row else (0, 0)

    async def add_merchant(self, merchant: Merchant) -> bool:
        created_ms = from_rfc3339(merchant.created_at)
        return bool(
            await self.connection.fetchrow(_ADD, merchant.id, merchant.name, merchant.slug, created_ms, merchant.status)
        )

    async def rename_merchant(self, merchant_id: str, name: str) -> None:
        await self.connection.execute("UPDATE identity.merchants SET name = $2 WHERE id = $1", merchant_id, name)

    async def close_merchant(self, merchant_id: str) -> None:
        await self.connection.execute(
            "UPDATE identity.merchants SET closed_ms = $2 WHERE id = $1", merchant_id, self.now_ms
        )
        await self.connection.execute("DELETE FROM identity.invitations WHERE merchant_id = $1", merchant_id)
        await self._end_members(merchant_id, None)

    async def put_member(self, merchant_id: str, account_id: str, role: MerchantRole) -> None:
        await self.connection.execute(_PUT_MEMBER, merchant_id, account_id, role, self.now_ms)
        await self.connection.execute(_BECOMES_MERCHANT, account_id)

    async def drop_member(self, merchant_id: str, account_id: str) -> None:
        await self._end_members(merchant_id, account_id)

    async def find_merchant(self, merchant_id: str) -> Merchant | None:
        row = await self.connection.fetchrow(_FIND, merchant_id)
        return merchant(row) if row else None

    async def decide(self, decided: Merchant, fact: Fact, event_id: str) -> None:
        version = await self.connection.fetchval(_DECIDE, decided.id, decided.status, decided.reason)
        data = msgspec.to_builtins(fact)
        event = Event(
            id=event_id,
            source=SOURCE,
            type=fact.TYPE,
            subject=decided.id,
            time=rfc3339(self.now_ms),
            data=data,
            sequence=version,
            also=also_of(type(fact), data),
        )
        await append(self.connection, SCHEMA, [event])

    async def has_member(self, merchant_id: str, email: str) -> bool:
        return bool(await self.connection.fetchval(_HAS_MEMBER, merchant_id, email))

    async def put_invitation(
        self, merchant_id: str, invitation_id: str, email: str, role: MerchantRole, link_hash: bytes, expires_ms: int
    ) -> Invitation:
        row = await self.connection.fetchrow(
            *(_PUT_INVITATION, invitation_id, merchant_id, email, role, link_hash, self.now_ms, expires_ms)
        )
        assert row is not None
        # last, for it skips what is locked: nobody ever waits for somebody who waits
        await self.connection.execute(_SWEEP_INVITATIONS, self.now_ms)
        return _invitation(row)

    async def count_invitations(self, merchant_id: str, *, but: str) -> int:
        return int(
            await self.connection.fetchval(
                "SELECT count(*) FROM identity.invitations WHERE merchant_id = $1 AND expires_ms > $2 AND email <> $3",
                *(merchant_id, self.now_ms, but),
            )
        )

    async def invited(self, link_hash: bytes) -> OpenInvitation | None:
        return _open_invitation(await self.connection.fetchrow(_INVITED, link_hash, self.now_ms))

    async def take_invitation(self, merchant_id: str, invitation_id: str) -> bool:
        return bool(
            await self.connection.fetchrow(
                "DELETE FROM identity.invitations WHERE merchant_id = $1 AND id = $2 AND expires_ms > $3 RETURNING 1",
                *(merchant_id, invitation_id, self.now_ms),
            )
        )

    async def language_for(self, email: str, account_id: str) -> str:
        return str(await self.connection.fetchval(_LANGUAGE, email, account_id))

    async def _end_members(self, merchant_id: str, account_id: str | None) -> None:
        """End one membership, or all."""
        gone = await self.connection.fetch(
            "DELETE FROM identity.members WHERE merchant_id = $1 AND ($2::uuid IS NULL OR account_id = $2) RETURNING account_id",
            merchant_id,
            account_id,
        )
        accounts = sorted(row[0] for row in gone)
        # locked in one order, so that concurrent calls never deadlock
        await self.connection.execute(
            "SELECT 1 FROM identity.accounts WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", accounts
        )
        await self.connection.execute(_REVOKE_KEYS, merchant_id, accounts, self.now_ms)
        await self.connection.execute(_NO_MERCHANT_ANY_MORE, accounts)


class PostgresMerchants(PostgresStore):
    """``MerchantStore`` on a pool whose database has this domain's migrations."""

    @asynccontextmanager
    async def work(self) -> AsyncIterator[MerchantWork]:
        async with self._transaction() as connection:
            yield PostgresMerchantWork(connection, self._answers, self._clock)

    async def of_account(self, account_id: str) -> tuple[tuple[Merchant, MerchantRole], ...]:
        rows = await self._fetch(_OF_ACCOUNT, account_id)
        return tuple(found for row in rows if (found := membership(row)))

    async def membership(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        return await self.find_role(merchant_id, account_id)

    async def members(self, merchant_id: str) -> tuple[Member, ...]:
        rows = await self._fetch(_MEMBERS, merchant_id)
        return tuple(Member(account_id=row[0], email=row[1], name=row[2], role=row[3]) for row in rows)

    async def invitations(self, merchant_id: str) -> tuple[Invitation, ...]:
        return tuple(_invitation(row) for row in await self._fetch(_INVITATIONS, merchant_id, self._clock.now_ms()))

    async def invited(self, link_hash: bytes) -> OpenInvitation | None:
        rows = await self._fetch(_INVITED, link_hash, self._clock.now_ms())
        return _open_invitation(rows[0]) if rows else None

    async def email_of(self, account_id: str) -> str | None:
        rows = await self._fetch(
            "SELECT email FROM identity.accounts WHERE id = $1 AND verified_ms IS NOT NULL AND erased_ms IS NULL",
            account_id,
        )
        return rows[0][0] if rows else None
