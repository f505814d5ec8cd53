"""Pure: the cursor of a product list. It is opaque to clients, and only good for the list (category) that made it."""

import base64
import binascii

import msgspec

from renga.catalog.contract import CursorInvalid

CURSOR_CHARS_MAX = 400


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    before: int
    category: str | None


def cursor_of(before: int, category: str | None) -> str:
    """The cursor of the page that begins below this position."""
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(before, category))).decode().rstrip("=")


def position_of(cursor: str, category: str | None) -> int:
    """The position that a cursor of this list stands for. Raises CursorInvalid."""
    if len(cursor) > CURSOR_CHARS_MAX or not cursor.isascii():
        raise CursorInvalid
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        decoded = msgspec.json.decode(raw, type=_Cursor)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CursorInvalid from error
    if decoded.category != category or not 0 < decoded.before < 2**63:
        raise CursorInvalid
    return decoded.before
