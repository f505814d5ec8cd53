"""Writes audit entries, in the transaction of the change they record; refuses secrets and personal data."""

from typing import Any, Protocol

import msgspec

#: Characters of ``address`` that are stored.
ADDRESS_CHARACTERS_MAX = 64
#: Keys never allowed in an entry: credentials, and personal data that an erasure would have to delete.
FORBIDDEN = frozenset({"password", "secret", "token", "code", "link", "email", "name", "phone"})

_INSERT = """
    INSERT INTO identity.audit (at_ms, action, account_id, by, address, details)
    VALUES ($1, $2, $3::text::uuid, $4, $5, $6::text::jsonb)
"""


class TrailConnection(Protocol):
    """The part of a transaction's connection that the trail needs."""

    async def execute(self, query: str, *args: object) -> str:
        """Run one statement."""
        ...


async def record(
    connection: TrailConnection,
    *,
    action: str,
    account_id: str | None,
    by: str | None,
    address: str,
    details: dict[str, Any],
    at_ms: int,
) -> None:
    """Write an entry in the connection's open transaction.

    ``action`` is a past-tense name such as ``password_changed``, ``account_id`` the account concerned, ``by`` who did it (an
    account, a client, ``system``), ``address`` the network address ("" without a caller). ``details`` are ids and small facts:
    a key of FORBIDDEN raises ValueError.
    """
    if wrong := FORBIDDEN & details.keys():
        raise ValueError(f"an audit entry never holds {', '.join(sorted(wrong))}")
    body = msgspec.json.encode(details).decode()
    await connection.execute(_INSERT, at_ms, action, account_id, by, address[:ADDRESS_CHARACTERS_MAX], body)
