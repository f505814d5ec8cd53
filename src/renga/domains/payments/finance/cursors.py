"""Cursors of finance's lists: where the next page begins, as text that nobody needs to read."""

import base64
import binascii
from typing import TypeVar

import msgspec

from renga.domains.payments.contract.finance_errors import FinanceCursorInvalid

CURSOR_CHARS_MAX = 500
T = TypeVar("T")


def encoded_cursor(place: object) -> str:
    """The place as a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decoded_cursor(cursor: str, kind: type[T]) -> T:
    """The place of a cursor. Raises FinanceCursorInvalid."""
    if len(cursor) > CURSOR_CHARS_MAX:
        raise FinanceCursorInvalid()
    try:
        text = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(text, type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError, UnicodeError):
        raise FinanceCursorInvalid() from None
    if not _fits(place):
        raise FinanceCursorInvalid()
    return place


def _fits(place: object) -> bool:
    """Numbers are 64 bits and texts have no U+0000: the database takes no others."""
    if isinstance(place, int):
        return 0 <= place < 2**63
    if isinstance(place, str):
        return "\0" not in place
    return not isinstance(place, tuple) or all(map(_fits, place))
