"""Pure: which languages a client wants, and the text that fits best (RFC 9110 §12.5.4, RFC 4647 §3.4 lookup)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

WISHES_MAX = 20
#: The default language of a shop, and the language that texts are translated from.
OWN_LANGUAGE, SOURCE_LANGUAGE = "pt-BR", "en"
#: Fallback languages of the catalogue's texts when they exist in no language that a client wants.
FALLBACKS = (OWN_LANGUAGE, SOURCE_LANGUAGE)


@lru_cache(maxsize=1024)
def wanted(parameter: str | None, accept_language: str) -> tuple[str, ...]:
    """Language ranges in lower case, the most wanted first: the query's, else those of Accept-Language by q-value."""
    if parameter:
        return (parameter.strip().lower(),)
    preferred = []
    for order, part in enumerate(accept_language.split(",")[:WISHES_MAX]):
        tag, _, weight = part.partition(";")
        q = _quality(weight)
        if tag.strip() and q > 0:
            preferred.append((-q, order, tag.strip().lower()))
    return tuple(tag for _, _, tag in sorted(preferred))


@lru_cache(maxsize=1024)
def shop_language(accept_language: str, languages: tuple[str, ...]) -> str:
    """The best of a shop's languages (its own first) for an Accept-Language header."""
    return choose(dict.fromkeys(languages, ""), wanted(None, accept_language), languages) or languages[0]


def nearest_language(tag: str, languages: Sequence[str]) -> str:
    """The one of a shop's languages (its own first) that is nearest to a tag: ``en`` for ``en-GB``."""
    return choose(dict.fromkeys(languages, ""), (tag.strip().lower(),), languages) or languages[0]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value) if 0 <= float(value) <= 1 else 0.0
    except ValueError:
        return 0.0


def choose(texts: Mapping[str, str], preferred: Sequence[str], languages: Sequence[str] = FALLBACKS) -> str | None:
    """The best text's language: each preferred range (``pt`` finds ``pt-BR``, ``en-GB`` finds ``en``), then ``languages``."""
    for language_range in preferred:
        if found := _lookup(texts, language_range, languages):
            return found
    return next((tag for tag in languages if tag in texts), next(iter(sorted(texts)), None))


def text_in(texts: Mapping[str, str], preferred: Sequence[str], languages: Sequence[str] = FALLBACKS) -> str | None:
    """The best text itself, None if there is none at all."""
    language = choose(texts, preferred, languages)
    return None if language is None else texts[language]


def _lookup(texts: Mapping[str, str], language_range: str, languages: Sequence[str]) -> str | None:
    if language_range == "*":
        return None
    for range_ in _shorter(language_range):
        exact = next((tag for tag in texts if tag.lower() == range_), None)
        kin = exact or next((tag for tag in _preferred(texts, languages) if tag.lower().startswith(f"{range_}-")), None)
        if kin:
            return kin
    return None


def _shorter(language_range: str) -> Iterator[str]:
    """``zh-hant-tw``, ``zh-hant``, ``zh``."""
    parts = language_range.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _preferred(texts: Mapping[str, str], languages: Sequence[str]) -> list[str]:
    return sorted(texts, key=lambda tag: (tag not in languages, tag))
