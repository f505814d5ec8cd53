"""Pure: where a text has the number of a card, among all other digits that people and programs write.

A number may be grouped by spaces, hyphens, dots and the like, in any script's digits. Within a word of letters and other digits
(a token, a hash), a decimal fraction, a date or a telephone number with ``+`` it is none.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from renga.kernel.card_schemes import DIGITS_MAX, DIGITS_MIN, is_card
from renga.kernel.document_numbers import is_document, known_spans

#: Between groups: spaces, hyphens and dashes, dots, low lines; characters without width.
_BETWEEN = r"[ \-._\u00a0\u00ad\u00b7\u2000-\u2015\u202f\u205f\u2060\u2212\u3000\ufe58\ufe63\uff0d\uff3f\ufeff]"
_RUN = re.compile(rf"\d(?:{_BETWEEN}{{0,3}}\d){{12,}}")
_GROUP = re.compile(r"\d+")
#: As schemes print their numbers.
_PRINTED = frozenset({
    (4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (4, 4, 4, 1), (4, 4, 5), (4, 4, 4, 3),
    (4, 4, 4, 2), (8, 8), (4, 3, 3, 3),
})  # fmt: skip
_PRINTED_LENGTHS = sorted({len(shape) for shape in _PRINTED})
#: In runs of more groups, digits one by one or in pairs are a list of numbers.
_GROUPS_SPELT_MAX = 64
_DATES = re.compile(r"(?:(?:2,2,4|4,2,2|1,2,4|2,1,4),?)+")
#: Letters around digits that make them a token, at most so many are looked at.
_WORD_MAX = 64
_HEXADECIMAL = frozenset("abcdefxABCDEFX")
PHONE_DIGITS_MAX = 15
#: The longest number that is known by its form (a Pix payload).
KNOWN_CHARACTERS_MAX = 700

#: From, to (exclusive), the digits in ASCII.
CardSpan = tuple[int, int, str]


def card_spans(text: str) -> Iterator[CardSpan]:
    """The cards' numbers in the text, from left to right."""
    for run in _RUN.finditer(text):
        digits = run[0]
        if digits.isdecimal() and (len(digits) > DIGITS_MAX or not is_card(_ascii(digits))):
            continue  # as nearly all long numbers are
        for start, end, found in _DigitRun(text, run.start(), run.end()).cards():
            if not _is_known(text, start, end):
                yield start, end, found


def _is_known(text: str, start: int, end: int) -> bool:
    """Whether the digits are in a UUID, an IBAN, a Pix payload."""
    at = max(0, start - KNOWN_CHARACTERS_MAX)
    around = known_spans(text[at : end + KNOWN_CHARACTERS_MAX])
    return any(at + low < end and start < at + high for low, high in around)


def _ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(one)) for one in digits)


class _DigitRun:
    """Groups of digits with what is between them."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._groups = [match.span() for match in _GROUP.finditer(text, start, end)]
        self._sizes = tuple(high - low for low, high in self._groups)
        self._between = [text[left[1] : right[0]] for left, right in pairwise(self._groups)]
        self._last = len(self._groups) - 1
        self._left_token = _is_token(text[max(0, start - _WORD_MAX) : start][::-1])
        self._right_token = _is_token(text[end : end + _WORD_MAX])

    def cards(self) -> Iterator[CardSpan]:
        if 44 <= sum(self._sizes) <= 48 and is_document(self._digits(0, self._last)):
            return
        free_from = -1
        for first, last in self._candidates():
            if first > free_from and not self._is_of_other_use(first, last):
                digits = self._digits(first, last)
                if is_card(digits):
                    free_from = last
                    yield self._groups[first][0], self._groups[last][1], digits

    def _candidates(self) -> Iterator[tuple[int, int]]:
        """First and last group, in the order of the text: longer ones first."""
        sizes = self._sizes
        spelt = self._last < _GROUPS_SPELT_MAX
        for first, size in enumerate(sizes):
            if first == 0 and self._last and DIGITS_MIN <= sum(sizes) <= DIGITS_MAX and self._is_one():
                yield 0, self._last
            if DIGITS_MIN <= size <= DIGITS_MAX:
                yield first, first
                continue
            for count in reversed(_PRINTED_LENGTHS):
                last = first + count - 1
                if last <= self._last and sizes[first : last + 1] in _PRINTED and self._alike(first, last):
                    yield first, last
            if spelt and size <= 2:
                yield from self._spelt(first, size)

    def _spelt(self, first: int, size: int) -> Iterator[tuple[int, int]]:
        """Digits one by one, or in pairs."""
        last = first
        while last < self._last and self._sizes[last + 1] == size and (last - first + 2) * size <= DIGITS_MAX:
            last += 1
        while (last - first + 1) * size >= DIGITS_MIN:
            if self._alike(first, last):
                yield first, last
            last -= 1

    def _is_one(self) -> bool:
        """Whether the whole run is written as one number."""
        if self._sizes in _PRINTED or len(set(self._sizes)) == 1:
            return True
        # names of files have all kinds of numbers with low lines or dots between
        return self._alike(0, self._last) and not any(character in self._between[0] for character in "_.")

    def _alike(self, first: int, last: int) -> bool:
        return len(set(self._between[first:last])) <= 1

    def _is_of_other_use(self, first: int, last: int) -> bool:
        """A part of a token, a decimal fraction, dates, a telephone number."""
        if (first == 0 and self._left_token) or (last == self._last and self._right_token):
            return True
        if self._is_fraction(first if first == last else first + 1) and last - first <= 1:
            return True
        start = self._groups[first][0]
        if first == 0 and self._text[max(0, start - 1) : start] == "+":
            return sum(self._sizes[: last + 1]) <= PHONE_DIGITS_MAX
        return last > first and _DATES.fullmatch(",".join(map(str, self._sizes[first : last + 1]))) is not None

    def _is_fraction(self, group: int) -> bool:
        """``0.4242424242424242``: after at most three digits and a dot, with no dot before them."""
        return (
            1 <= group <= self._last
            and self._between[group - 1] == "."
            and self._sizes[group - 1] <= 3
            and self._sizes[group] > 4
            and (group == 1 or self._between[group - 2] != ".")
        )

    def _digits(self, first: int, last: int) -> str:
        return _ascii("".join(self._text[low:high] for low, high in self._groups[first : last + 1]))


def _is_token(beside: str) -> bool:
    """Whether what stands beside digits makes them a part of a longer code: hexadecimal letters, and then more digits.

    In codes of more letters so many digits in a row do not come by chance; words do (``exp12``).
    """
    for place, character in enumerate(beside):
        if character not in _HEXADECIMAL:
            return place > 0 and character.isdecimal()
    return len(beside) == _WORD_MAX
