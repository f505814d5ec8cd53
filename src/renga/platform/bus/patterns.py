"""Matches routing keys against a set of topic patterns, with a cache."""

from collections.abc import Sequence

from renga.platform.bus.port import matches

#: Most cached routing keys; a system has some hundreds.
REMEMBERED_MAX = 10_000


class Matcher:
    """The patterns of one consumer, with cached results."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = tuple(patterns)
        self._answers: dict[str, bool] = {}

    def __call__(self, key: str) -> bool:
        answer = self._answers.get(key)
        if answer is None:
            answer = any(matches(pattern, key) for pattern in self.patterns)
            if len(self._answers) < REMEMBERED_MAX:
                self._answers[key] = answer
        return answer


def literal_domains(patterns: Sequence[str]) -> frozenset[str]:
    """The domains that the patterns name without wildcards."""
    return frozenset(first for first in _first_words(patterns) if first not in ("*", "#"))


def named_domains(patterns: Sequence[str]) -> frozenset[str] | None:
    """All domains that the patterns can match, or None if these are not known beforehand (a wildcard)."""
    named = literal_domains(patterns)
    return named if named == set(_first_words(patterns)) else None


def covers(patterns: Sequence[str], domain: str) -> bool:
    """Whether any of the patterns can match an event of this domain."""
    return any(first in ("*", "#", domain) for first in _first_words(patterns))


def _first_words(patterns: Sequence[str]) -> list[str]:
    return [pattern.partition(".")[0] for pattern in patterns]
