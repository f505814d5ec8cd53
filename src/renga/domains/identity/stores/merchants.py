"""Merchants and their members in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from renga.domains.identity.contract import Member, Merchant, MerchantRole
from renga.domains.identity.organisations.ports import MerchantWork
from renga.domains.identity.stores.work import PostgresStore, PostgresWork, membership

_OF_ACCOUNT = """
    SELECT m.id::text, m.name, m.slug, m.created_ms, n.role
    FROM identity.members n JOIN identity.merchants m ON m.id = n.merchant_id
    WHERE n.account_id = $1 AND m.closed_ms IS NULL ORDER BY m.name, m.id
"""
_MEMBERS = """
    SELECT a.id::text, coalesce(a.email, ''), a.name, n.role
    FROM identity.members n JOIN identity.accounts a ON a.id = n.account_id
    WHERE n.merchant_id = $1 ORDER BY array_position(ARRAY['owner', 'manager', 'clerk'], n.role), a.email
"""
_ADD = """
    INSERT INTO identity.merchants (id, name, slug, created_ms) VALUES ($1, $2, $3, $4)
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
        return bool(await self.connection.fetchrow(_ADD, merchant.id, merchant.name, merchant.slug, self.now_ms))

    async def rename_merchant(self, merchant_id: str, name: str) -> None:
        await self.connection.execute("UPDATE identity.merchants SET name = $2 WHERE id = $1", merchant_id, name)

    async def close_merchant(self, merchant_id: str) -> None:
        await self.connection.execute(
            "UPDATE identity.merchants SET closed_ms = $2 WHERE id = $1", merchant_id, self.now_ms
        )
        await self._end_members(merchant_id, None)

    async def put_member(self, merchant_id: str, account_id: str, role: MerchantRole) -> None:
        await self.connection.execute(_PUT_MEMBER, merchant_id, account_id, role, self.now_ms)
        await self.connection.execute(_BECOMES_MERCHANT, account_id)

    async def drop_member(self, merchant_id: str, account_id: str) -> None:
        await self._end_members(merchant_id, account_id)

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
