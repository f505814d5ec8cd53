"""What every part of identity but accounts keeps about a person: told and erased in the transaction of a unit of work."""

from typing import Any

from renga.domains.identity.stores import external
from renga.domains.identity.stores.connection import Connection
from renga.domains.identity.stores.organisations_of_person import erase_organisations, export_organisations


async def export_parts(connection: Connection, account_id: str) -> dict[str, Any]:
    """Memberships, keys and consents; people at other identity providers, and who holds tokens."""
    return {
        "organisations": await export_organisations(connection, account_id),
        "connections": await external.export(connection, account_id),
    }


async def erase_parts(connection: Connection, account_id: str, at_ms: int) -> None:
    """Idempotent. Raises LastOwner."""
    await erase_organisations(connection, account_id, at_ms)
    await external.erase(connection, account_id)
