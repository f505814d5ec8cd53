"""OAuth clients and consents in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec

from renga.domains.identity.contract import Client, Consent
from renga.domains.identity.organisations.ports import ClientWork
from renga.domains.identity.stores.work import PostgresStore, PostgresWork
from renga.kernel.clock import rfc3339

#: Advisory lock of registrations (an arbitrary number): they are counted one at a time.
_REGISTERING = 7_261_004_502
_ALLOW = """
    INSERT INTO identity.consents AS c (account_id, client_id, scopes, since_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, client_id) DO UPDATE SET since_ms = excluded.since_ms, scopes =
        (SELECT array_agg(DISTINCT s ORDER BY s) FROM unnest(c.scopes || excluded.scopes) AS s)
"""
_CONSENTS = """
    SELECT n.client_id, c.document->>'name', n.scopes, n.since_ms
    FROM identity.consents n JOIN identity.clients c ON c.id = n.client_id
    WHERE n.account_id = $1 ORDER BY c.document->>'name', c.id
"""
_client = msgspec.json.Decoder(Client)


class PostgresClientWork(PostgresWork):
    """``ClientWork`` on an open transaction."""

    async def count(self) -> int:
        await self.connection.execute("SELECT pg_advisory_xact_lock($1)", _REGISTERING)
        return int(await self.connection.fetchval("SELECT count(*) FROM identity.clients"))

    async def add(self, client: Client) -> bool:
        query = """
            INSERT INTO identity.clients (id, document, created_ms) VALUES ($1, $2::text::jsonb, $3)
            ON CONFLICT (id) DO NOTHING RETURNING 1
        """
        body = msgspec.json.encode(client).decode()
        return bool(await self.connection.fetchrow(query, client.id, body, self.now_ms))

    async def remove(self, client_id: str) -> bool:
        return bool(await self.connection.fetchrow("DELETE FROM identity.clients WHERE id = $1 RETURNING 1", client_id))

    async def exists(self, client_id: str) -> bool:
        return bool(
            await self.connection.fetchrow("SELECT 1 FROM identity.clients WHERE id = $1 FOR KEY SHARE", client_id)
        )

    async def allow(self, account_id: str, client_id: str, scopes: Sequence[str]) -> None:
        await self.connection.execute(_ALLOW, account_id, client_id, sorted(set(scopes)), self.now_ms)

    async def disallow(self, account_id: str, client_id: str) -> bool:
        query = "DELETE FROM identity.consents WHERE account_id = $1 AND client_id = $2 RETURNING 1"
        return bool(await self.connection.fetchrow(query, account_id, client_id))


class PostgresClients(PostgresStore):
    """``ClientStore`` on a pool whose database has this domain's migrations."""

    @asynccontextmanager
    async def work(self) -> AsyncIterator[ClientWork]:
        async with self._transaction() as connection:
            yield PostgresClientWork(connection, self._answers, self._clock)

    async def find(self, client_id: str) -> Client | None:
        rows = await self._fetch("SELECT document::text FROM identity.clients WHERE id = $1", client_id)
        return _client.decode(rows[0][0]) if rows else None

    async def all(self) -> tuple[Client, ...]:
        rows = await self._fetch("SELECT document::text FROM identity.clients ORDER BY document->>'name', id")
        return tuple(_client.decode(row[0]) for row in rows)

    async def consented(self, account_id: str, client_id: str) -> frozenset[str]:
        query = "SELECT scopes FROM identity.consents WHERE account_id = $1 AND client_id = $2"
        rows = await self._fetch(query, account_id, client_id)
        return frozenset(rows[0][0]) if rows else frozenset()

    async def consents(self, account_id: str) -> tuple[Consent, ...]:
        rows = await self._fetch(_CONSENTS, account_id)
        return tuple(
            Consent(client_id=row[0], client_name=row[1], scopes=tuple(row[2]), since=rfc3339(row[3])) for row in rows
        )
