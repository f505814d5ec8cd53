"""Pure: display forms of words in suggestions; edit distance of two words."""

import re

from renga.domains.search.model.folding import fold

_WORD = re.compile(r"\w+")


def shown_words(text: str) -> dict[str, str]:
    """Folded words with their written form in lower case, for suggestions."""
    found: dict[str, str] = {}
    for written in _WORD.findall(text.lower()):
        folded = fold(written)
        if folded.isascii() and folded.isalpha():
            found.setdefault(folded, written)
    return found


def distance(one: str, other: str, most: int) -> int:
    """Edits between two words (insert, delete, replace, swap neighbours), or ``most + 1`` for more than ``most``.

    Optimal string alignment (Damerau, "A technique for computer detection and correction of spelling errors", 1964).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def edits_allowed(word: str) -> int:
    """How many edits a misspelt word may have: none in a very short one, two in a long one."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2
