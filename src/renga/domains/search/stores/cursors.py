"""Pure: cursors of hit lists; a cursor is only valid for the query that made it."""

import base64
import binascii
import hashlib

import msgspec

from renga.domains.search.contract import SearchCursorInvalid
from renga.domains.search.ports import IndexQuestion

CURSOR_CHARS_MAX = 600
#: Number of tiers (by standing) and of random samples; see ``stores/postgres/tiers.py``.
TIERS, SAMPLES = 10, 10


class Tiers(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The tiers that are searched, by kind of match: words in the title, words anywhere, brand.

    0 is all documents, None not searched. ``drawn``: the sample for estimating how many have the words anywhere; 0: none.
    ``whole``: for documents with all words, when some words are enough to match.
    """

    titled: int
    anywhere: int | None
    branded: int
    drawn: int = 0
    whole: int = 0

    def are_known(self) -> bool:
        """Whether the tiers and the sample exist: cursors are untrusted input."""
        named = (self.titled, self.anywhere or 0, self.branded, self.whole)
        return all(0 <= tier <= TIERS for tier in named) and -SAMPLES <= self.drawn <= 0


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The place after the hit with these sort keys. ``attempt`` is the attempt that had results.

    ``counts`` are the document counts for the word weights (of all documents, then per word): further pages use the same
    weights, even if the index changes. ``tiers``: the tiers that the first page searched.
    """

    mark: str
    attempt: int
    keys: tuple[str | float, ...]
    counts: tuple[int, ...] = ()
    tiers: Tiers | None = None


def mark_of(question: IndexQuestion) -> str:
    """A hash of the query without its page."""
    query = msgspec.structs.replace(question.query, cursor=None, limit=0, facets=())
    asked = msgspec.json.encode((query, question.texts, question.pinned, question.hidden, question.within))
    return hashlib.blake2b(asked, digest_size=9).hexdigest()


def encode(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decode(cursor: str, mark: str, keys: tuple[type, ...]) -> Place:
    """Raises SearchCursorInvalid."""
    if len(cursor) > CURSOR_CHARS_MAX or not cursor.isascii():
        raise SearchCursorInvalid
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(raw, type=Place)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SearchCursorInvalid from error
    fitting = len(place.keys) == len(keys) and all(_fits(k, kind) for k, kind in zip(place.keys, keys, strict=True))
    if place.mark != mark or not fitting or (place.tiers is not None and not place.tiers.are_known()):
        raise SearchCursorInvalid
    return place


def _fits(key: str | float, kind: type) -> bool:
    return isinstance(key, str) if kind is str else isinstance(key, (int, float))
