"""Pure: the place in a list of hits where the next page begins; only good for the question that made it."""

import base64
import binascii
import hashlib

import msgspec

from renga.domains.search.contract import SearchCursorInvalid
from renga.domains.search.ports import IndexQuestion

CURSOR_CHARS_MAX = 600
#: Tiers by standing, samples by chance; see ``stores/postgres/tiers.py``.
TIERS, SAMPLES = 10, 10


class Tiers(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """In which tiers candidates are looked for, by what they have: the words in their titles, the words anywhere, the brand.

    0 is all documents, None not at all. ``drawn``: the sample that says how many have the words anywhere; 0 is none.
    ``whole``: for those that have all words, where some are enough.
    """

    titled: int
    anywhere: int | None
    branded: int
    drawn: int = 0
    whole: int = 0

    def are_known(self) -> bool:
        """Whether there are such tiers, and such a sample: a cursor may have been made by anybody."""
        named = (self.titled, self.anywhere or 0, self.branded, self.whole)
        return all(0 <= tier <= TIERS for tier in named) and -SAMPLES <= self.drawn <= 0


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """After the hit with these sort keys. ``attempt`` says which try found something.

    ``counts`` are the numbers that words were weighed with (of all documents, then of those with each word): further pages
    weigh alike, whatever comes and goes meanwhile. ``tiers``: where the candidates of the first page were looked for.
    """

    mark: str
    attempt: int
    keys: tuple[str | float, ...]
    counts: tuple[int, ...] = ()
    tiers: Tiers | None = None


def mark_of(question: IndexQuestion) -> str:
    """What the question is, but for its page."""
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
