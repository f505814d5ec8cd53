"""The text of a language, found quickly: which language serves is worked out once per set of languages and wishes."""

from functools import lru_cache

from renga.kernel.languages import choose

#: Sets of languages with wishes that are remembered.
KNOWN_MAX = 4_096


@lru_cache(maxsize=KNOWN_MAX)
def _chosen(tags: tuple[str, ...], preferred: tuple[str, ...]) -> str | None:
    return choose(dict.fromkeys(tags, ""), preferred)


def language_of(texts: dict[str, str], preferred: tuple[str, ...]) -> str | None:
    """The language in which these texts are said, None if there are none."""
    return _chosen(tuple(texts), preferred) if texts else None


def say(texts: dict[str, str], preferred: tuple[str, ...]) -> str | None:
    """The text that fits best, None if there is none at all."""
    if not texts:
        return None
    tag = _chosen(tuple(texts), preferred)
    return None if tag is None else texts[tag]
