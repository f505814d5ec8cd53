"""Pure: the cursor of a product list. It is opaque to clients, and only valid for the list that made it."""

import base64
import binascii

import msgspec

from renga.domains.catalog.contract import CursorInvalid

CURSOR_CHARS_MAX = 400


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    position: int
    listed: str | None


def cursor_of(position: int, listed: str | None) -> str:
    """The cursor of the page that begins below (in manual collections: at) this position.

    ``listed`` identifies the list: see ``list_name``.
    """
    return base64.urlsafe_b64encode(msgspec.json.encode(_Cursor(position, listed))).decode().rstrip("=")


def list_name(channel: str, *, category: str | None = None, collection: str | None = None) -> str:
    """A unique name of a list of products."""
    return f"{channel}/{category or ''}" if collection is None else f"{channel}@{collection}"


def position_of(cursor: str, listed: str | None) -> int:
    """The position encoded in a cursor of this list. Raises CursorInvalid."""
    if len(cursor) > CURSOR_CHARS_MAX or not cursor.isascii():
        raise CursorInvalid
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        decoded = msgspec.json.decode(raw, type=_Cursor)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CursorInvalid from error
    if decoded.listed != listed or not 0 < decoded.position < 2**63:
        raise CursorInvalid
    return decoded.position
