"""The export and erasure of a person's data in organisations, in the caller's transaction."""

from typing import Any

from renga.domains.identity.contract import LastOwner
from renga.domains.identity.stores.connection import Connection

_MEMBERSHIPS = """
    SELECT m.id::text, m.name, n.role, n.since_ms
    FROM identity.members n JOIN identity.merchants m ON m.id = n.merchant_id WHERE n.account_id = $1 ORDER BY n.since_ms
"""
_KEYS = """
    SELECT id, name, merchant_id::text, scopes, created_ms, expires_ms, last_used_ms, revoked_ms
    FROM identity.api_keys WHERE account_id = $1 ORDER BY created_ms
"""
_CONSENTS = "SELECT client_id, scopes, since_ms FROM identity.consents WHERE account_id = $1 ORDER BY client_id"
_INVITATIONS = """
    SELECT m.name, i.role, i.created_ms, i.expires_ms
    FROM identity.invitations i JOIN identity.merchants m ON m.id = i.merchant_id
    WHERE i.email = (SELECT email FROM identity.accounts WHERE id = $1) ORDER BY i.created_ms
"""
_FORGET_INVITATIONS = """
    DELETE FROM identity.invitations
    WHERE email = (SELECT email FROM identity.accounts WHERE id = $1) OR merchant_id = ANY($2::uuid[])
"""
# Merchants of which the account is the only owner, with member counts; locked against joins and leaves.
_LOCK = """
    SELECT m.id FROM identity.merchants m JOIN identity.members n ON n.merchant_id = m.id
    WHERE n.account_id = $1 ORDER BY m.id FOR UPDATE OF m
"""
_SOLE_OWNER = """
    SELECT n.merchant_id::text, count(*) AS members FROM identity.members n
    WHERE n.merchant_id IN (SELECT merchant_id FROM identity.members WHERE account_id = $1 AND role = 'owner')
    GROUP BY n.merchant_id HAVING count(*) FILTER (WHERE n.role = 'owner') = 1
"""


async def export_organisations(connection: Connection, account_id: str) -> dict[str, Any]:
    """Memberships, keys (never their hashes), consents, and invitations to merchants."""
    return {
        "memberships": [dict(row) for row in await connection.fetch(_MEMBERSHIPS, account_id)],
        "api_keys": [dict(row) for row in await connection.fetch(_KEYS, account_id)],
        "consents": [dict(row) for row in await connection.fetch(_CONSENTS, account_id)],
        "invitations": [dict(row) for row in await connection.fetch(_INVITATIONS, account_id)],
    }


async def erase_organisations(connection: Connection, account_id: str, at_ms: int) -> None:
    """Delete keys, memberships and consents; close merchants whose only member is this account.

    Raises LastOwner if a merchant that only this account owns has other members: ownership must be transferred first.
    """
    await connection.fetch(_LOCK, account_id)
    alone: list[str] = []
    for merchant_id, members in await connection.fetch(_SOLE_OWNER, account_id):
        if members > 1:
            raise LastOwner("a merchant with other members needs another owner first", merchant_id=merchant_id)
        alone.append(merchant_id)
    await connection.execute(
        "UPDATE identity.merchants SET closed_ms = $2 WHERE id = ANY($1::uuid[]) AND closed_ms IS NULL", alone, at_ms
    )
    await connection.execute(_FORGET_INVITATIONS, account_id, alone)
    await connection.execute("DELETE FROM identity.members WHERE account_id = $1", account_id)
    await connection.execute(
        "UPDATE identity.api_keys SET name = '', revoked_ms = coalesce(revoked_ms, $2) WHERE account_id = $1",
        account_id,
        at_ms,
    )
    await connection.execute("DELETE FROM identity.consents WHERE account_id = $1", account_id)
