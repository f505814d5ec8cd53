"""Pure: from the words of a question to tsqueries that find, and to an expression that weighs what was found.

Three tries, each looser than the one before: every word as it is asked; every word or one that is nearly the same; some of
the words. Words that are only scattered over descriptions do not end the tries.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import msgspec

#: How much a place counts: a title says what a thing is, its words what it is like, the rest what else there is to say.
TITLE, WORDS, REST = 6.0, 2.0, 0.7
#: How much a form of the word counts: as written, stemmed, begun, nearly.
WRITTEN, STEMMED, BEGUN, NEARLY = 1.15, 1.0, 0.75, 0.55
#: What a form keeps of its weight in another language than the one that is asked in.
FOREIGN = 0.6
#: A shorter beginning is met by too many words that were not meant; as the last of several words, it may be shorter. A word
#: that others follow is finished, or nearly; a number is another number with a digit more, but for long ones (part numbers).
BEGUN_LETTERS_MIN, BEGUN_BESIDE_MIN, BEGUN_AMID_MIN, BEGUN_DIGITS_MIN = 3, 2, 4, 5
PHRASE, WHOLE_BRAND, WHOLE_TITLE, KEY = 4.0, 6.0, 12.0, 1_000.0
#: With words missing, those that are there must weigh this share of all.
SOME_SHARE = 0.3
#: Words of which some are enough: with more, there are too many sets of them.
SOME_MAX = 8


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a question: its stems, in how many documents it stands in some form, which known words are nearly the same,
    which begin with it (with the number of their documents)."""

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
        """Rare words say more: inverse document frequency (Robertson and Zaragoza, "The probabilistic relevance framework")."""
        seen = min(self.documents, documents)
        return math.log(1 + (documents - seen + 0.5) / (seen + 0.5)) if documents else 1.0

    def may_be_begun(self, *, near: bool) -> bool:
        """Whether it may stand for a longer word that begins with it."""
        if self.written.isdigit():
            least = BEGUN_DIGITS_MIN
        elif self.last:
            least = BEGUN_LETTERS_MIN if self.alone or near else BEGUN_BESIDE_MIN
        else:
            least = BEGUN_AMID_MIN
        return (self.last or near) and len(self.written) >= least


class Form(msgspec.Struct, frozen=True):
    """One way in which a word may stand in a document. ``documents``: in how many it does, where that is known."""

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
        # what nobody lists (part numbers) is looked for by its letters
        ways += longer if word.begun or word.documents else [Form(word.written, BEGUN, begun=True)]
    if near:
        ways += [Form(lexeme, NEARLY) for lexeme in word.near]
    return ways


def all_of(words: Sequence[Word], *, near: bool = False, weights: str = "") -> str:
    """A tsquery for every word, each in any of its forms, in places of these weights."""
    return " & ".join(f"({any_form(word, near=near, weights=weights)})" for word in words)


def any_form(word: Word, *, near: bool, weights: str = "") -> str:
    """A tsquery for a word in any of its forms."""
    return " | ".join(form.query(weights) for form in forms(word, near=near))


def phrase(words: Sequence[Word]) -> str:
    """A tsquery for the words as written, one after the other, in a title."""
    return " <-> ".join(f"'{word.written}':A" for word in words)


def word_score(word: Word, *, near: bool) -> str:
    """SQL: what a word adds for the best place and form in which it stands in ``terms``."""
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
    """SQL: how well a document's words fit. A short title that has them says them more than a long one."""
    parts = [f"{word.weight(documents):.4f} * {word_score(word, near=near)}" for word in words]
    total = " + ".join(parts)
    together = (
        f" + CASE WHEN terms @@ {literal(phrase(words))}::tsquery THEN {PHRASE} ELSE 0 END" if len(words) > 1 else ""
    )
    return f"(({total}) / (0.8 + 0.025 * title_size){together})"


def enough_of(words: Sequence[Word], documents: int) -> list[tuple[Word, ...]]:
    """The smallest sets of words that weigh enough; rare ones weigh more. Of many words, the heaviest are looked at.

    A number says nothing without a word beside it, where there are words.
    """
    telling = [word for word in words if not word.written.isdigit()] or list(words)
    weighed = sorted(((word.weight(documents), place) for place, word in enumerate(telling)), reverse=True)[:SOME_MAX]
    needed = SOME_SHARE * sum(weight for weight, _ in weighed) - 1e-9  # sums of floats differ by a hair
    found: list[tuple[Word, ...]] = []
    for size in range(1, len(weighed) + 1):
        for some in combinations(weighed, size):
            total = sum(weight for weight, _ in some)
            # without its lightest word it is not enough: then it is without any other
            if total >= needed > total - some[-1][0]:
                found.append(tuple(telling[place] for _, place in some))
    return found


def literal(text: str) -> str:
    """A text as an SQL literal. Lexemes are letters and digits only; quotes are doubled all the same."""
    return "'" + text.replace("'", "''") + "'"
