"""Pure: from the words of a query to tsqueries, and to an SQL expression for the score.

Three attempts, each looser than the one before: every word as given; every word or a similar one; some of the words. Matches
with the words only scattered over descriptions do not end the attempts.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import msgspec

#: Weights by field: title, words (brand, categories, options, attributes), the rest.
TITLE, WORDS, REST = 6.0, 2.0, 0.7
#: Weights by form of the word: as written, stemmed, as a prefix, similar.
WRITTEN, STEMMED, BEGUN, NEARLY = 1.15, 1.0, 0.75, 0.55
#: Factor for a form in another language than the query's.
FOREIGN = 0.6
#: Minimum length of a prefix: a shorter one matches too many other words. The last of several words may be shorter; a word
#: followed by others is probably complete; a prefix of a number is another number, except for long ones (part numbers).
BEGUN_LETTERS_MIN, BEGUN_BESIDE_MIN, BEGUN_AMID_MIN, BEGUN_DIGITS_MIN = 3, 2, 4, 5
PHRASE, WHOLE_BRAND, WHOLE_TITLE, KEY = 4.0, 6.0, 12.0, 1_000.0
#: If words are missing, the others must have this share of the total weight.
SOME_SHARE = 0.3
#: Words that are considered when some are enough: with more, there are too many sets of them.
SOME_MAX = 8


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a query: its stems, the number of documents with any of its forms, similar known words, and known words that
    begin with it (with the number of their documents)."""

    written: str
    stems: tuple[str, ...] = ()
    foreign_stems: tuple[str, ...] = ()
    documents: int = 0
    near: tuple[str, ...] = ()
    begun: tuple[tuple[str, int], ...] = ()
    last: bool = False
    alone: bool = False
    is_foreign: bool = False

    def weight(self, documents: int) -> float:
        """Inverse document frequency (Robertson and Zaragoza, "The probabilistic relevance framework")."""
        seen = min(self.documents, documents)
        return math.log(1 + (documents - seen + 0.5) / (seen + 0.5)) if documents else 1.0

    def may_be_begun(self, *, near: bool) -> bool:
        """Whether it may match longer words that begin with it."""
        if self.written.isdigit():
            least = BEGUN_DIGITS_MIN
        elif self.last:
            least = BEGUN_LETTERS_MIN if self.alone or near else BEGUN_BESIDE_MIN
        else:
            least = BEGUN_AMID_MIN
        return (self.last or near) and len(self.written) >= least


class Form(msgspec.Struct, frozen=True):
    """One form of a word in a document. ``documents``: the number of documents with it, if known."""

    lexeme: str
    factor: float
    begun: bool = False
    documents: int | None = None

    def query(self, weights: str = "") -> str:
        marks = ("*" if self.begun else "") + weights
        return f"'{self.lexeme}'" + (f":{marks}" if marks else "")


def forms(word: Word, *, near: bool) -> list[Form]:
    found = {word.written: Form(word.written, WRITTEN * (FOREIGN if word.is_foreign else 1))}
    for stem in word.stems:
        found.setdefault(stem, Form(stem, STEMMED))
    for stem in word.foreign_stems:
        found.setdefault(stem, Form(stem, STEMMED * FOREIGN))
    ways = list(found.values())
    if word.may_be_begun(near=near):
        longer = [Form(lexeme, BEGUN, documents=documents) for lexeme, documents in word.begun if lexeme not in found]
        # words that are not in the vocabulary (part numbers) are searched by prefix
        ways += longer if word.begun or word.documents else [Form(word.written, BEGUN, begun=True)]
    if near:
        ways += [Form(lexeme, NEARLY) for lexeme in word.near]
    return ways


def all_of(words: Sequence[Word], *, near: bool = False, weights: str = "") -> str:
    """A tsquery for all words, each in any of its forms, in fields of these weights."""
    return " & ".join(f"({any_form(word, near=near, weights=weights)})" for word in words)


def any_form(word: Word, *, near: bool, weights: str = "") -> str:
    """A tsquery for a word in any of its forms."""
    return " | ".join(form.query(weights) for form in forms(word, near=near))


def phrase(words: Sequence[Word]) -> str:
    """A tsquery for the words as written, adjacent, in a title."""
    return " <-> ".join(f"'{word.written}':A" for word in words)


def word_score(word: Word, *, near: bool) -> str:
    """SQL: the score of a word, for its best field and form in ``terms``."""
    cases = sorted(
        (
            (place * form.factor, form.query(mark))
            for form in forms(word, near=near)
            for place, mark in ((TITLE, "A"), (WORDS, "B"), (REST, "CD"))
        ),
        key=lambda case: -case[0],
    )
    whens = " ".join(f"WHEN terms @@ {literal(query)}::tsquery THEN {value:.4f}" for value, query in cases)
    return f"CASE {whens} ELSE 0 END"


def score(words: Sequence[Word], documents: int, *, near: bool) -> str:
    """SQL: the score of a document's words. The same words count more in a short title than in a long one."""
    parts = [f"{word.weight(documents):.4f} * {word_score(word, near=near)}" for word in words]
    total = " + ".join(parts)
    together = (
        f" + CASE WHEN terms @@ {literal(phrase(words))}::tsquery THEN {PHRASE} ELSE 0 END" if len(words) > 1 else ""
    )
    return f"(({total}) / (0.8 + 0.025 * title_size){together})"


def enough_of(words: Sequence[Word], documents: int) -> list[tuple[Word, ...]]:
    """The smallest sets of words with enough weight; rare words weigh more. Of many words, only the heaviest are considered.

    If there are words, a set must not consist of numbers only.
    """
    telling = [word for word in words if not word.written.isdigit()] or list(words)
    weighed = sorted(((word.weight(documents), place) for place, word in enumerate(telling)), reverse=True)[:SOME_MAX]
    needed = SOME_SHARE * sum(weight for weight, _ in weighed) - 1e-9  # sums of floats differ by a hair
    found: list[tuple[Word, ...]] = []
    for size in range(1, len(weighed) + 1):
        for some in combinations(weighed, size):
            total = sum(weight for weight, _ in some)
            # minimal: not enough without its lightest word, so not without any other
            if total >= needed > total - some[-1][0]:
                found.append(tuple(telling[place] for _, place in some))
    return found


def literal(text: str) -> str:
    """A text as an SQL literal. Lexemes have letters and digits only; quotes are doubled anyway."""
    return "'" + text.replace("'", "''") + "'"
