"""Pure: validates a query, and makes its variants by synonyms."""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from renga.domains.search.contract import (
    FACETS_MAX,
    FILTERS_MAX,
    LIMIT_MAX,
    TEXT_CHARS_MAX,
    VALUES_MAX,
    Filter,
    SearchInvalid,
    SearchQuery,
    Synonyms,
)
from renga.domains.search.limits import SYNONYM_WORDS_MAX, SYNONYMS_MAX, VARIANTS_MAX
from renga.domains.search.model.folding import without_diminutive, words_of
from renga.kernel.money import CURRENCIES

_FACET = re.compile(r"(?:brand|category|merchant|type|availability|price|(?:option|attribute)\.[^\x00-\x1f]{1,120})\Z")
LANGUAGE_PATTERN = r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$"
_LANGUAGE = re.compile(LANGUAGE_PATTERN.removesuffix("$") + r"\Z")
NAME_CHARS_MAX = 120
_NAME = re.compile(rf"[^\x00-\x1f]{{1,{NAME_CHARS_MAX}}}\Z")
VALUE_CHARS_MAX = 200


def checked(query: SearchQuery) -> SearchQuery:
    """The validated query, its text in one line. Raises SearchInvalid with the field."""
    text = checked_text(query.text)
    if not 0 <= query.limit <= LIMIT_MAX:
        raise _invalid("limit", f"is from 0 to {LIMIT_MAX}")
    check_language(query.language)
    if query.currency not in CURRENCIES:
        raise _invalid("currency", "is an active currency of ISO 4217")
    for field in ("channel", "category", "collection"):
        check_name(field, getattr(query, field))
    if len(query.filters) > FILTERS_MAX:
        raise _invalid("filters", f"are at most {FILTERS_MAX}")
    if len({one.facet for one in query.filters}) < len(query.filters):
        raise _invalid("filters", "name each facet once")
    for one in query.filters:
        _check_filter(one)
    if query.facets is not None and (len(query.facets) > FACETS_MAX or not all(map(_FACET.match, query.facets))):
        raise _invalid("facets", f"are at most {FACETS_MAX} names such as brand, price, option.colour, attribute.width")
    return msgspec.structs.replace(query, text=text)


def checked_text(text: str) -> str:
    """A text in one line. Raises SearchInvalid."""
    plain = " ".join(text.split())
    if len(plain) > TEXT_CHARS_MAX:
        raise _invalid("text", f"has at most {TEXT_CHARS_MAX} characters")
    if any(not c.isprintable() for c in plain):
        raise _invalid("text", "has a character in it that cannot be printed")
    return plain


def check_language(language: str) -> None:
    """Raises SearchInvalid."""
    if not _LANGUAGE.match(language):
        raise _invalid("language", "is a language tag such as pt-BR")


def check_name(field: str, value: str | None) -> None:
    """None is valid (no name). Raises SearchInvalid."""
    if value is not None and not _NAME.match(value):
        raise _invalid(field, "has 1 to 120 characters, and no control character")


def _check_filter(one: Filter) -> None:
    field = f"filters.{one.facet[:60]}"
    if not _FACET.match(one.facet):
        raise _invalid(
            field, "is brand, category, merchant, type, availability, price, option.<code> or attribute.<code>"
        )
    bounds = [bound for bound in (one.at_least, one.at_most) if bound is not None]
    if one.values and bounds:
        raise _invalid(field, "has values or bounds, not both")
    if not one.values and not bounds:
        raise _invalid(field, "has neither values nor bounds")
    if len(one.values) > VALUES_MAX or any(not 0 < len(value) <= VALUE_CHARS_MAX for value in one.values):
        raise _invalid(field, f"has at most {VALUES_MAX} values of 1 to {VALUE_CHARS_MAX} characters")
    if any("\x00" in value or "\x1f" in value for value in one.values):
        raise _invalid(field, "has a control character in a value")
    if not all(math.isfinite(bound) for bound in bounds):
        raise _invalid(field, "has a bound that is no number")
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        raise _invalid(field, "has bounds that are upside down")
    if one.facet == "price" and one.values:
        raise _invalid(field, "is narrowed by bounds")


def _invalid(field: str, reason: str) -> SearchInvalid:
    return SearchInvalid(f"{field} {reason}", field=field)


def variants(text: str, synonyms: Iterable[Synonyms], language: str) -> tuple[str, ...]:
    """The text, and variants with words replaced by synonyms; at most VARIANTS_MAX variants."""
    words = words_of(text)
    plain = [without_diminutive(word, language) for word in words]
    found: dict[str, None] = {text: None}
    if plain != words:
        found.setdefault(" ".join(plain))
    stems = {word.removesuffix("s") for word in plain}
    for ruling in synonyms:
        for source in ruling.words:
            sought = _words(source)
            if not sought or sought[0].removesuffix("s") not in stems:
                continue  # of thousands of rulings, few have a word of this text
            for target in ruling.to or ruling.words:
                if target != source and (said := _replaced(plain, sought, target)):
                    found.setdefault(said)
                if len(found) > VARIANTS_MAX:
                    return tuple(found)
    return tuple(found)


@lru_cache(maxsize=SYNONYMS_MAX * SYNONYM_WORDS_MAX)
def _words(text: str) -> tuple[str, ...]:
    return tuple(words_of(text))


def _alike(one: str, other: str) -> bool:
    """Equal except for a plural s."""
    return one == other or one.removesuffix("s") == other.removesuffix("s")


def _replaced(words: Sequence[str], source: Sequence[str], target: str) -> str | None:
    for at in range(len(words) - len(source) + 1):
        if source and all(map(_alike, words[at : at + len(source)], source)):
            return " ".join([*words[:at], target, *words[at + len(source) :]])
    return None
