"""The export and erasure of what the shop knows of a person as a buyer, in the caller's transaction."""

from typing import Any

import msgspec

from renga.domains.identity.stores import buyers_sql as sql
from renga.domains.identity.stores.connection import Connection


async def export_buyer(connection: Connection, account_id: str) -> dict[str, Any]:
    """Customer groups, those left too, tax number and exemption."""
    groups = [dict(row) for row in await connection.fetch(sql.EXPORT_GROUPS, account_id)]
    for group in groups:
        group["name"] = msgspec.json.decode(group["name"])
    facts = [dict(row) for row in await connection.fetch(sql.BUYER, account_id)]
    for one in facts:
        one["certificate_until_ms"] = one.pop("certificate_until")
        one["account_id"] = str(one["account_id"])
    return {"groups": groups, "tax": facts[0] if facts else None}


async def erase_buyer(connection: Connection, account_id: str) -> None:
    """Before the account's address is erased. Idempotent."""
    for statement in sql.ERASE:
        await connection.execute(statement, account_id)
