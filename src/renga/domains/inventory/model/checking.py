"""Checks what is asked for before any stock is locked."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date

import msgspec

from renga.domains.inventory.contract import (
    EXPIRES_S_MAX,
    KEY_CHARS_MAX,
    LINES_MAX,
    QUANTITY_MILLI_MAX,
    LevelInvalid,
    NewReservation,
    ReservationInvalid,
    SkusInvalid,
    StockQuantityInvalid,
)
from renga.kernel.sku import sku_problem

REFERENCE_CHARS_MAX = 200
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def checked_reservation(new: NewReservation) -> NewReservation:
    """Raises ReservationInvalid, StockQuantityInvalid."""
    if not 1 <= len(new.lines) <= LINES_MAX:
        raise ReservationInvalid(f"a reservation has from 1 to {LINES_MAX} lines", field="lines")
    if not 1 <= new.expires_in_s <= EXPIRES_S_MAX:
        raise ReservationInvalid(f"a reservation expires in 1 to {EXPIRES_S_MAX} seconds", field="expires_in_s")
    for name, text, most in (("key", new.key, KEY_CHARS_MAX), ("reference", new.reference, REFERENCE_CHARS_MAX)):
        if not 1 <= len(text) <= most or not text.isprintable():
            raise ReservationInvalid(f"a {name} has from 1 to {most} printable characters", field=name)
    for at, line in enumerate(new.lines):
        if problem := sku_problem(line.sku):
            raise ReservationInvalid(problem, field=f"lines[{at}].sku")
        checked_quantity(line.quantity_milli, field=f"lines[{at}].quantity_milli")
    return new


def checked_quantity(milli: int, *, field: str, least: int = 1) -> int:
    """Raises StockQuantityInvalid."""
    if not least <= milli <= QUANTITY_MILLI_MAX:
        raise StockQuantityInvalid(f"a quantity is from {least / 1000} to {QUANTITY_MILLI_MAX // 1000}", field=field)
    return milli


def checked_text(text: str, *, field: str) -> str:
    """Raises LevelInvalid."""
    if len(text) > REFERENCE_CHARS_MAX or not text.isprintable():
        raise LevelInvalid(f"a text has at most {REFERENCE_CHARS_MAX} printable characters", field=field)
    return text


def checked_lot(lot: str | None, expires_on: str | None) -> None:
    """Raises LevelInvalid: a lot without a name, a date without a lot, or no date of the calendar."""
    if lot is not None and not checked_text(lot, field="lot").strip():
        raise LevelInvalid("a lot has a name", field="lot")
    if expires_on is None:
        return
    if lot is None:
        raise LevelInvalid("an expiry date is that of a lot: name the lot", field="expires_on")
    try:
        known = _DAY.fullmatch(expires_on) is not None and date.fromisoformat(expires_on)
    except ValueError:
        known = False
    if not known:
        raise LevelInvalid("an expiry date is a day of the calendar, as in 2030-06-30", field="expires_on")


def checked_skus(skus: Sequence[str], most: int) -> list[str]:
    """Distinct skus. Raises SkusInvalid."""
    distinct = list(dict.fromkeys(skus))
    if not 1 <= len(distinct) <= most:
        raise SkusInvalid(f"name from 1 to {most} skus", field="sku", limit=most)
    for sku in distinct:
        if problem := sku_problem(sku):
            raise SkusInvalid(problem, field="sku")
    return distinct


_encoder = msgspec.json.Encoder()


def fingerprint_of(new: NewReservation) -> bytes:
    """A digest of the whole request: the same key with another request is a mistake."""
    return hashlib.sha256(_encoder.encode(new)).digest()
