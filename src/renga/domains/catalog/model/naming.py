"""Pure: slugs, and the check digits of GTINs."""

import re
import unicodedata

from renga.domains.catalog.model.limits import SLUG_CHARS_MAX

GTIN_LENGTHS = (8, 12, 13, 14)

#: Letters that Unicode does not decompose into a base letter and a mark.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "\u0131": "i"}
)
_GAPS = re.compile(r"[^a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def slugify(text: str) -> str:
    """``Caneca Aurora, Nº 2`` → ``caneca-aurora-no-2``; empty if the text has no Latin letters or digits."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = unicodedata.normalize("NFKD", lowered.translate(_PLAIN)).lower()
        lowered = "".join(c for c in lowered if not unicodedata.combining(c))
    slug = _GAPS.sub("-", lowered).strip("-")
    if len(slug) > SLUG_CHARS_MAX:
        slug = slug[: SLUG_CHARS_MAX + 1].rpartition("-")[0] or slug[:SLUG_CHARS_MAX]
    return slug


def is_slug(text: str) -> bool:
    return len(text) <= SLUG_CHARS_MAX and _SLUG.match(text) is not None


def gtin_problem(text: str) -> str | None:
    """Why this is not a GTIN, or None (GS1 General Specifications §7.9: weights 3 and 1 from the right, modulo 10)."""
    if not (text.isascii() and text.isdigit()):
        return f"{text[:40]!r} is not made of digits"
    if len(text) not in GTIN_LENGTHS:
        return f"{text[:40]!r} has {len(text)} digits; a GTIN has 8, 12, 13 or 14"
    digits = [ord(c) - 48 for c in reversed(text)]
    expected = -(3 * sum(digits[1::2]) + sum(digits[2::2])) % 10
    return None if digits[0] == expected else f"{text!r} has the check digit {digits[0]}, it must be {expected}"
