"""Payments in the file, and everything a change writes with them."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from renga.simulators.payment_provider.model.charge import Charge, ChargeChange, ProviderProblem, SettledLine
from renga.simulators.payment_provider.model.fees import day_of
from renga.simulators.payment_provider.storage.database import ProviderDatabase

_encode = msgspec.json.Encoder().encode
_charge = msgspec.json.Decoder(Charge)
_line = msgspec.json.Decoder(SettledLine)


class SettledRow(msgspec.Struct, frozen=True):
    """A settlement line and whose it is."""

    line: SettledLine
    charge: str
    currency: str


class ChargeStore:
    """Payments, log, settlement lines."""

    def __init__(self, database: ProviderDatabase) -> None:
        self._execute: Callable[..., Any] = database.execute

    def find(self, charge_id: str) -> Charge | None:
        row = self._execute("SELECT document FROM charges WHERE id = ?", (charge_id,)).fetchone()
        return _charge.decode(row[0]) if row else None

    def get(self, charge_id: str) -> Charge:
        """Raises ProviderProblem (404)."""
        charge = self.find(charge_id)
        if charge is None:
            raise ProviderProblem(404, "payment_not_found", "there is no such payment")
        return charge

    def of_part(self, part: str) -> Charge | None:
        """The payment that has a dispute or refund of this id."""
        row = self._execute("SELECT charge FROM parts WHERE id = ?", (part,)).fetchone()
        return self.find(row[0]) if row else None

    def write(self, change: ChargeChange, now_ms: int, key: str | None) -> None:
        """The payment, its log, its settlement lines. Messages are ``EventStore``'s."""
        charge = change.charge
        self._execute(
            "INSERT INTO charges (id, origin, created_ms, changed_ms, next_ms, document) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET changed_ms = excluded.changed_ms, next_ms = excluded.next_ms,"
            " document = excluded.document",
            (charge.id, charge.origin, charge.created_ms, charge.changed_ms, charge.next_ms, _encode(charge)),
        )
        self._execute("INSERT OR IGNORE INTO changes_by_day VALUES (?, ?)", (day_of(charge.changed_ms), charge.id))
        for move in change.moves:
            self._execute(
                "INSERT INTO log (at_ms, kind, charge, method, amount, currency, outcome, reason, key, part, origin)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now_ms,
                    move.kind,
                    charge.id,
                    charge.method,
                    move.amount,
                    charge.currency,
                    move.outcome,
                    move.reason,
                    key,
                    move.part,
                    charge.origin,
                ),
            )
            if move.kind in ("refund", "dispute") and move.part:
                self._execute("INSERT OR IGNORE INTO parts VALUES (?, ?)", (move.part, charge.id))
        for line in change.lines:
            self._execute(
                "INSERT INTO settled (id, day, charge, currency, origin, document) VALUES (?, ?, ?, ?, ?, ?)",
                (line.id, line.day, charge.id, charge.currency, charge.origin, _encode(line)),
            )

    def next_ms(self) -> int | None:
        """When the clock changes a payment next."""
        row = self._execute("SELECT min(next_ms) FROM charges WHERE next_ms IS NOT NULL").fetchone()
        return row[0] if row else None

    def due(self, now_ms: int, limit: int) -> list[Charge]:
        rows = self._execute(
            "SELECT document FROM charges WHERE next_ms IS NOT NULL AND next_ms <= ? ORDER BY next_ms LIMIT ?",
            (now_ms, limit),
        )
        return [_charge.decode(row[0]) for row in rows]

    def changed_on(self, day: str, origin: str, after: int, limit: int) -> list[tuple[int, Charge]]:
        """Payments that were made or changed on a day, in the order they were made; numbers for ``after``."""
        rows = self._execute(
            "SELECT seq, document FROM changes_by_day JOIN charges ON charges.id = changes_by_day.charge"
            " WHERE changes_by_day.day = ? AND origin = ? AND seq > ? ORDER BY seq LIMIT ?",
            (day, origin, after, limit),
        )
        return [(row[0], _charge.decode(row[1])) for row in rows]

    def settled(self, day: str, origin: str) -> Iterator[SettledRow]:
        """The settlement lines of a day."""
        rows = self._execute(
            "SELECT document, charge, currency FROM settled WHERE day = ? AND origin = ? ORDER BY seq", (day, origin)
        )
        for row in rows:
            yield SettledRow(_line.decode(row[0]), row[1], row[2])

    def log(self, after: int, limit: int, charge: str | None) -> list[dict[str, Any]]:
        """Lines of the log after a number."""
        names = ("seq", "at_ms", "kind", "payment", "method", "amount", "currency", "outcome", "reason", "key", "part")
        rows = self._execute(
            "SELECT seq, at_ms, kind, charge, method, amount, currency, outcome, reason, key, part FROM log"
            " WHERE seq > ? AND (? IS NULL OR charge = ?) ORDER BY seq LIMIT ?",
            (after, charge, charge, limit),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]
