"""Answers by idempotency key, tokens, saved cards, and the few facts that survive a restart."""

from collections.abc import Callable
from typing import Any

import msgspec

from renga.simulators.payment_provider.model.card_numbers import CardFace
from renga.simulators.payment_provider.storage.database import ProviderDatabase

_encode = msgspec.json.Encoder().encode
_card = msgspec.json.Decoder(CardFace)


class StoredAnswer(msgspec.Struct, frozen=True):
    """What was answered to a key, and to which request (``digest``)."""

    key: str
    digest: bytes
    status: int
    kind: str
    charge: str | None
    at_ms: int
    body: bytes


class RecordStore:
    """Everything besides payments and messages."""

    def __init__(self, database: ProviderDatabase) -> None:
        self._execute: Callable[..., Any] = database.execute

    def answer(self, key: str) -> StoredAnswer | None:
        row = self._execute(
            "SELECT key, digest, status, kind, charge, at_ms, body FROM answers WHERE key = ?", (key,)
        ).fetchone()
        return StoredAnswer(*row) if row else None

    def keep_answer(self, answer: StoredAnswer) -> None:
        self._execute(
            "INSERT INTO answers (key, digest, status, kind, charge, at_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            msgspec.structs.astuple(answer),
        )

    def first_failure(self, key: str) -> bool:
        """Whether this key has not failed on purpose before; from now on it has."""
        return bool(self._execute("INSERT OR IGNORE INTO failed_once VALUES (?)", (key,)).rowcount)

    def keep_token(self, token: str, card: CardFace, expires_ms: int) -> None:
        self._execute(
            "INSERT INTO tokens (token, card, expires_ms) VALUES (?, ?, ?)", (token, _encode(card), expires_ms)
        )

    def look_at_token(self, token: str, now_ms: int) -> CardFace | None:
        """The card of a token that can still be used; None: unknown, used, or too old."""
        row = self._execute(
            "SELECT card FROM tokens WHERE token = ? AND used_by IS NULL AND expires_ms > ?", (token, now_ms)
        ).fetchone()
        return _card.decode(row[0]) if row else None

    def use_token(self, token: str, charge: str) -> None:
        self._execute("UPDATE tokens SET used_by = ? WHERE token = ?", (charge, token))

    def save_card(self, saved: str, card: CardFace, now_ms: int) -> None:
        self._execute("INSERT INTO saved_cards VALUES (?, ?, ?)", (saved, _encode(card), now_ms))

    def saved_card(self, saved: str) -> CardFace | None:
        row = self._execute("SELECT card FROM saved_cards WHERE id = ?", (saved,)).fetchone()
        return _card.decode(row[0]) if row else None

    def forget_card(self, saved: str) -> None:
        self._execute("DELETE FROM saved_cards WHERE id = ?", (saved,))

    def fact(self, name: str) -> str | None:
        row = self._execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def keep_fact(self, name: str, value: str) -> None:
        self._execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
