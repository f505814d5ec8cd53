"""The trail of finance: who changed what, written in the transaction of the change."""

import msgspec

from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.platform.postgres.calls import Connection

_ADD = "INSERT INTO payments.finance_trail (at_ms, by, action, subject, details) VALUES ($1, $2, $3, $4, $5::jsonb)"


async def record(connection: Connection, entry: TrailEntry) -> None:
    """Add an entry."""
    details = msgspec.json.encode(entry.details).decode()
    await connection.execute(_ADD, entry.at_ms, entry.by, entry.action, entry.subject, details)
