"""Picks the text of the best language; the choice is cached per set of available and preferred languages."""

from functools import lru_cache

from renga.kernel.languages import choose

#: Cached combinations of available and preferred languages.
KNOWN_MAX = 4_096


@lru_cache(maxsize=KNOWN_MAX)
def _chosen(tags: tuple[str, ...], preferred: tuple[str, ...]) -> str | None:
    return choose(dict.fromkeys(tags, ""), preferred)


def language_of(texts: dict[str, str], preferred: tuple[str, ...]) -> str | None:
    """The best available language of these texts, None if there are none."""
    return _chosen(tuple(texts), preferred) if texts else None


def say(texts: dict[str, str], preferred: tuple[str, ...]) -> str | None:
    """The text in the best language, None if there is none."""
    if not texts:
        return None
    tag = _chosen(tuple(texts), preferred)
    return None if tag is None else texts[tag]
