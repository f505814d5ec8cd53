"""The audit trail's one way in: an entry, written in the transaction of what it tells, and never a secret or a name in it."""

from typing import Any, Protocol

import msgspec

#: Longest value of ``address`` that is kept.
ADDRESS_CHARACTERS_MAX = 64
#: What an entry never holds: proofs, and what would have to be erased with the person.
FORBIDDEN = frozenset({"password", "secret", "token", "code", "link", "email", "name", "phone"})

_INSERT = """
    INSERT INTO identity.audit (at_ms, action, account_id, by, address, details)
    VALUES ($1, $2, $3::text::uuid, $4, $5, $6::text::jsonb)
"""


class TrailConnection(Protocol):
    """The part of an open transaction's connection that the trail needs."""

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

    ``action`` is a past-tense name such as ``password_changed``, ``account_id`` whom it concerns, ``by`` who did it (an
    account, a client, ``system``), ``address`` from where ("" when nobody called). ``details`` are ids and small facts:
    a key of FORBIDDEN in it is a ValueError.
    """
    if wrong := FORBIDDEN & details.keys():
        raise ValueError(f"an audit entry never holds {', '.join(sorted(wrong))}")
    body = msgspec.json.encode(details).decode()
    await connection.execute(_INSERT, at_ms, action, account_id, by, address[:ADDRESS_CHARACTERS_MAX], body)
