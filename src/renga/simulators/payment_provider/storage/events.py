"""Messages to the shop, stored before they are sent."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from renga.simulators.payment_provider.storage.database import ProviderDatabase


class WaitingEvent(msgspec.Struct, frozen=True):
    """A message that is to be sent. ``url`` None: to the shop's own address."""

    id: str
    url: str | None
    body: bytes
    attempts: int
    sends_left: int


class EventStore:
    """``due_ms`` is of the machine's clock, not of the one that tests move."""

    def __init__(self, database: ProviderDatabase) -> None:
        self._execute: Callable[..., Any] = database.execute

    def put(
        self, event_id: str, kind: str, charge: str, body: bytes, *, created_ms: int, url: str | None, fate: str, sends: int,
        due_ms: int | None,
    ) -> None:  # fmt: skip
        self._execute(
            "INSERT INTO events (id, type, charge, url, created_ms, body, fate, sends_left, due_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (event_id, kind, charge, url, created_ms, body, fate, sends, due_ms),
        )

    def due(self, now_ms: int, limit: int, without: Sequence[str]) -> list[WaitingEvent]:
        """Messages that are due, the oldest first, but those that are on their way."""
        marks = ",".join("?" * len(without))
        rows = self._execute(
            "SELECT id, url, body, attempts, sends_left FROM events WHERE due_ms IS NOT NULL AND due_ms <= ?"
            f" AND id NOT IN ({marks}) ORDER BY due_ms LIMIT ?",
            (now_ms, *without, limit),
        )
        return [WaitingEvent(*row) for row in rows]

    def next_ms(self, without: Sequence[str]) -> int | None:
        marks = ",".join("?" * len(without))
        row = self._execute(
            f"SELECT min(due_ms) FROM events WHERE due_ms IS NOT NULL AND id NOT IN ({marks})", (*without,)
        ).fetchone()
        return row[0] if row else None

    def get(self, event_id: str) -> WaitingEvent | None:
        row = self._execute(
            "SELECT id, url, body, attempts, sends_left FROM events WHERE id = ?", (event_id,)
        ).fetchone()
        return WaitingEvent(*row) if row else None

    def sent(self, event_id: str, now_ms: int, again_ms: int | None, status: str) -> None:
        """It was received; ``again_ms``: it is sent once more then."""
        self._execute(
            "UPDATE events SET attempts = attempts + 1, sends_left = max(sends_left - 1, 0), delivered_ms = ?, due_ms = ?,"
            " last = ? WHERE id = ?",
            (now_ms, again_ms, status, event_id),
        )

    def failed(self, event_id: str, again_ms: int | None, status: str) -> None:
        """Nobody received it; ``again_ms`` None: it is given up."""
        self._execute(
            "UPDATE events SET attempts = attempts + 1, due_ms = ?, last = ? WHERE id = ?", (again_ms, status, event_id)
        )

    def resend(self, event_id: str, now_ms: int) -> bool:
        """From now on it is sent (again); whether it exists."""
        done = self._execute(
            "UPDATE events SET due_ms = ?, attempts = 0, sends_left = max(sends_left, 1) WHERE id = ?",
            (now_ms, event_id),
        )
        return bool(done.rowcount)

    def listed(self, after: int, limit: int, charge: str | None) -> list[dict[str, Any]]:
        names = ("seq", "id", "type", "payment", "fate", "attempts", "waiting", "delivered_ms", "last")
        rows = self._execute(
            "SELECT seq, id, type, charge, fate, attempts, due_ms IS NOT NULL, delivered_ms, last FROM events"
            " WHERE seq > ? AND (? IS NULL OR charge = ?) ORDER BY seq LIMIT ?",
            (after, charge, charge, limit),
        )
        return [dict(zip(names, row, strict=True)) | {"waiting": bool(row[6])} for row in rows]
