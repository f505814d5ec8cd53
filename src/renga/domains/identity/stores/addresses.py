"""Saved postal addresses in PostgreSQL."""

from collections.abc import Sequence

import msgspec

from renga.domains.identity.contract import Address, SavedAddress
from renga.domains.identity.stores.connection import Connection

_PUT = """
    INSERT INTO identity.addresses (id, account_id, address, preferred, saved_ms)
    VALUES ($1::text::uuid, $2::text::uuid, $3::text::jsonb, $4, $5)
    ON CONFLICT (id) DO UPDATE SET address = excluded.address, preferred = excluded.preferred, saved_ms = excluded.saved_ms
    WHERE addresses.account_id = excluded.account_id
"""
_address = msgspec.json.Decoder(Address)


class PostgresAddresses:
    """``ports.AddressRows`` on a unit's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_account(self, account_id: str) -> Sequence[SavedAddress]:
        rows = await self._connection.fetch(
            """
            SELECT id::text, address::text, preferred FROM identity.addresses
            WHERE account_id = $1::text::uuid ORDER BY preferred DESC, saved_ms DESC, id
            """,
            account_id,
        )
        return [SavedAddress(id=row[0], address=_address.decode(row[1]), default=row[2]) for row in rows]

    async def put(self, account_id: str, saved: SavedAddress, now_ms: int) -> None:
        if saved.default:
            await self._connection.execute(
                "UPDATE identity.addresses SET preferred = false WHERE account_id = $1::text::uuid AND preferred",
                account_id,
            )
        body = msgspec.json.encode(saved.address).decode()
        await self._connection.execute(_PUT, saved.id, account_id, body, saved.default, now_ms)

    async def remove(self, account_id: str, address_id: str) -> bool:
        done = await self._connection.execute(
            "DELETE FROM identity.addresses WHERE account_id = $1::text::uuid AND id = $2::text::uuid",
            account_id,
            address_id,
        )
        return done == "DELETE 1"
