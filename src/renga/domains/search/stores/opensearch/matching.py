"""Matching and scoring of words: three attempts, each looser than the one before.

1. ``whole``  every word is in the product, in some form of the query's language; the last may be a prefix of a title's word.
2. ``near``   every word is there or a similar one: misspelt, a prefix, or in another language.
3. ``some``   any word is there as given, in any language; more and rarer words score higher.

The next attempt is made if the one before finds nothing, or finds the words only scattered over descriptions.
"""

import re
from collections.abc import Sequence
from typing import Any

from renga.domains.search.model.folding import NEGATIONS, fold
from renga.domains.search.stores.opensearch.mapping import LANGUAGES, OTHER, START_MAX

Clause = dict[str, Any]

#: The numbers of the attempts.
WHOLE, NEAR, SOME = 0, 1, 2
#: Weights by field.
TITLE, WORDS, BODY = 6.0, 2.0, 1.0
EXACT = 1.3
PHRASE_IN_TITLE, PHRASE_ANYWHERE = 4.0, 1.0
#: Factors for words that do not match as given: prefix, other language, misspelt.
BEGUN, FOREIGN, MISTYPED = 0.8, 0.6, 0.5
SYNONYM = 0.8
#: Minimum length of a prefix: a shorter one matches too many other words; beside other words, it may be shorter.
BEGUN_LETTERS_MIN, BEGUN_BESIDE_MIN = 3, 2
#: Fuzzy matching: letters at the beginning that must be equal, and number of expansions.
SURE_LETTERS, MISTYPED_WORDS_MAX = 1, 50
WORDS_MAX = 16
_TIE = 0.3
_WORD = re.compile(r"\w+")


def language_of(tag: str) -> str:
    """The suffix of the fields for a language (BCP 47): ``pt`` for ``pt-BR``."""
    primary = tag.partition("-")[0].lower()
    return primary if primary in LANGUAGES else OTHER


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)[:WORDS_MAX]


def whole(texts: Sequence[str], language: str) -> Clause:
    """``texts``: the text as given, then its variants by synonyms."""
    return _best([_whole(text, language, 1.0 if n == 0 else SYNONYM) for n, text in enumerate(texts)])


def _whole(text: str, language: str, boost: float) -> Clause:
    everything = f"all_{language}"
    ways = [_match(everything, text, 0, operator="and"), _match(f"{everything}.exact", text, 0, operator="and")]
    *before, last = words_of(text) or [""]
    if len(last) >= (BEGUN_BESIDE_MIN if before else BEGUN_LETTERS_MIN):
        begun = [_match(f"title_{language}.start", last[:START_MAX], TITLE * BEGUN / 2)]
        if before:
            begun.append(_match(everything, " ".join(before), 0, operator="and", zero_terms_query="all"))
        ways.append({"bool": {"must": begun}})
    found = {"bool": {"should": ways, "minimum_should_match": 1}}
    turned = [_match(f"{everything}.exact", word, 0) for word in words_of(text) if _is_negation(word, language)]
    return {"bool": {"filter": [found, *turned], "should": _weights(text, language), "boost": boost}}


def _is_negation(word: str, language: str) -> bool:
    return fold(word) in NEGATIONS.get(language, ())


def _weights(text: str, language: str) -> list[Clause]:
    title, words, body = (f"{part}_{language}" for part in ("title", "words", "body"))
    fields = [
        *(_match(title, text, TITLE), _match(f"{title}.exact", text, TITLE * EXACT)),
        *(_match(words, text, WORDS), _match(f"{words}.exact", text, WORDS * EXACT)),
        _match(body, text, BODY),
    ]
    return [_best(fields)]


def phrase(text: str, language: str) -> Clause:
    """The bonus for adjacent words: computed for the best hits only, because it reads the positions of words."""
    title = {"match_phrase": {f"title_{language}": {"query": text, "boost": PHRASE_IN_TITLE, "slop": 1}}}
    anywhere = {"match_phrase": {f"all_{language}": {"query": text, "boost": PHRASE_ANYWHERE, "slop": 2}}}
    return {"bool": {"should": [title, anywhere]}}


def strong(texts: Sequence[str], language: str) -> Clause:
    """Products with every word in title or words, not scattered over a description."""
    fields = [f"title_{language}", f"words_{language}"]
    ways = [{"multi_match": {"query": t, "type": "cross_fields", "operator": "and", "fields": fields}} for t in texts]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def near(text: str, language: str) -> Clause:
    words = words_of(text)
    each = [_near(word, language, last=n == len(words) - 1) for n, word in enumerate(words)]
    return {"bool": {"must": each, "should": _weights(text, language)}}


def _near(word: str, language: str, *, last: bool) -> Clause:
    ways = [_match(f"all_{language}", word, 1.0, zero_terms_query="all")]
    ways += [_match(field, word, weight) for field, weight in _fields(language)]
    ways += [_mistyped(field, word, weight * MISTYPED) for field, weight in _fields(language)]
    for other in (other for other in (*LANGUAGES, OTHER) if other != language):
        ways += [_match(field, word, weight * FOREIGN) for field, weight in _fields(other)]
        ways += [_mistyped(field, word, weight * FOREIGN * MISTYPED) for field, weight in _fields(other)[:2]]
    if last:
        ways += [_match(f"{field}.start", word[:START_MAX], weight * BEGUN) for field, weight in _fields(language)[:2]]
    return _best(ways, tie=0.1)


def some(texts: Sequence[str], language: str) -> Clause:
    """``texts`` as in ``whole``."""
    return _best([_some(text, language, 1.0 if n == 0 else SYNONYM) for n, text in enumerate(texts)])


def _some(text: str, language: str, boost: float) -> Clause:
    """If there are words, numbers alone are not enough."""
    words = words_of(text)
    telling = [word for word in words if not word.isdigit()] or words
    ways = {word: _best([_match(*field) for field in _everywhere(word, language)]) for word in words}
    found = {"bool": {"should": [ways[word] for word in telling], "minimum_should_match": 1}}
    return {"bool": {"must": [found], "should": [ways[word] for word in ways if word not in telling], "boost": boost}}


def _everywhere(word: str, language: str) -> list[tuple[str, str, float]]:
    found = [(field, word, weight) for field, weight in _fields(language)]
    for other in (other for other in (*LANGUAGES, OTHER) if other != language):
        found += [(field, word, weight * FOREIGN) for field, weight in _fields(other)]
    return found


def _fields(language: str) -> tuple[tuple[str, float], ...]:
    return ((f"title_{language}", TITLE), (f"words_{language}", WORDS), (f"body_{language}", BODY))


def _match(field: str, text: str, boost: float, **more: Any) -> Clause:
    return {"match": {field: {"query": text, "boost": boost, **more}}}


def _mistyped(field: str, word: str, boost: float) -> Clause:
    fuzzy = {"fuzziness": "AUTO", "prefix_length": SURE_LETTERS, "max_expansions": MISTYPED_WORDS_MAX}
    return _match(f"{field}.exact", word, boost, **fuzzy)


def _best(clauses: list[Clause], tie: float = _TIE) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"dis_max": {"queries": clauses, "tie_breaker": tie}}
