"""The charges, received Pix and webhooks of the Pix API."""

from collections.abc import Callable
from typing import Any

import msgspec

from renga.simulators.payment_provider.model.pix_documents import CobDocument
from renga.simulators.payment_provider.storage.database import ProviderDatabase

_encode = msgspec.json.Encoder().encode
_cob = msgspec.json.Decoder(CobDocument)


class PixWebhook(msgspec.Struct, frozen=True):
    """Where messages about a Pix key go."""

    key: str
    url: str
    created_ms: int


class CobStore:
    """One row for each txid; its money is the payment's."""

    def __init__(self, database: ProviderDatabase) -> None:
        self._execute: Callable[..., Any] = database.execute

    def find(self, txid: str) -> CobDocument | None:
        row = self._execute("SELECT document FROM cobs WHERE txid = ?", (txid,)).fetchone()
        return _cob.decode(row[0]) if row else None

    def of_charge(self, charge: str) -> CobDocument | None:
        row = self._execute("SELECT document FROM cobs WHERE charge = ?", (charge,)).fetchone()
        return _cob.decode(row[0]) if row else None

    def put(self, cob: CobDocument) -> None:
        self._execute(
            "INSERT INTO cobs VALUES (?, ?, ?, ?, ?) ON CONFLICT (txid) DO UPDATE SET document = excluded.document",
            (cob.txid, cob.kind, cob.charge, cob.created_ms, _encode(cob)),
        )

    def between(self, kind: str, from_ms: int, to_ms: int) -> list[CobDocument]:
        """Charges of a kind that were made in this time, the oldest first."""
        rows = self._execute(
            "SELECT document FROM cobs WHERE kind = ? AND created_ms BETWEEN ? AND ? ORDER BY created_ms, txid",
            (kind, from_ms, to_ms),
        )
        return [_cob.decode(row[0]) for row in rows]

    def received(self, end_to_end: str, txid: str, charge: str, part: str, at_ms: int) -> None:
        """A Pix came in."""
        self._execute("INSERT INTO pix_received VALUES (?, ?, ?, ?, ?)", (end_to_end, txid, charge, part, at_ms))

    def charge_of_pix(self, end_to_end: str) -> str | None:
        row = self._execute("SELECT charge FROM pix_received WHERE end_to_end = ?", (end_to_end,)).fetchone()
        return row[0] if row else None

    def received_between(self, from_ms: int, to_ms: int) -> list[tuple[str, str]]:
        """Ids and payments of the Pix that came in this time, the oldest first."""
        return list(
            self._execute(
                "SELECT end_to_end, charge FROM pix_received WHERE at_ms BETWEEN ? AND ? ORDER BY at_ms, end_to_end",
                (from_ms, to_ms),
            )
        )

    def put_webhook(self, webhook: PixWebhook) -> None:
        self._execute(
            "INSERT OR REPLACE INTO pix_webhooks VALUES (?, ?, ?)", (webhook.key, webhook.url, webhook.created_ms)
        )

    def webhook_of(self, key: str) -> PixWebhook | None:
        row = self._execute("SELECT key, url, created_ms FROM pix_webhooks WHERE key = ?", (key,)).fetchone()
        return PixWebhook(*row) if row else None

    def webhooks(self) -> list[PixWebhook]:
        return [PixWebhook(*row) for row in self._execute("SELECT key, url, created_ms FROM pix_webhooks ORDER BY key")]

    def forget_webhook(self, key: str) -> bool:
        """Whether there was one."""
        return bool(self._execute("DELETE FROM pix_webhooks WHERE key = ?", (key,)).rowcount)
