"""Export and erasure of a person's data in identity's parts other than accounts, in a unit of work's transaction."""

from typing import Any

from renga.domains.identity.stores import external
from renga.domains.identity.stores.buyers_of_person import erase_buyer, export_buyer
from renga.domains.identity.stores.connection import Connection
from renga.domains.identity.stores.organisations_of_person import erase_organisations, export_organisations


async def export_parts(connection: Connection, account_id: str) -> dict[str, Any]:
    """Groups and tax facts of a buyer, memberships, keys, consents, external identities, and clients that hold tokens."""
    return {
        "buyer": await export_buyer(connection, account_id),
        "organisations": await export_organisations(connection, account_id),
        "connections": await external.export(connection, account_id),
    }


async def erase_parts(connection: Connection, account_id: str, at_ms: int) -> None:
    """Idempotent. Raises LastOwner."""
    await erase_organisations(connection, account_id, at_ms)
    await external.erase(connection, account_id)
    await erase_buyer(connection, account_id)
