"""Pure: finds and masks the numbers of cards, also where they are encoded (percent, JSON and HTML escapes).

``may_hold_card`` is for hot paths: about a microsecond for a kilobyte of bytes, False for nearly all that has no card.
"""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_to_bytes

from renga.kernel.card_runs import card_spans
from renga.kernel.card_schemes import DIGITS_MIN
from renga.kernel.errors import Unprocessable


class CardNumberGiven(Unprocessable):
    """A text that would be kept has what looks like the number of a payment card."""

    code = "card_number_refused"
    title = "Card numbers are not taken here"


#: How often a text may be encoded on top of itself.
ROUNDS_MAX = 3
#: What ``mask_cards`` puts for a number: its last four digits at most.
MASK = "[card ****{}]"
#: For a text in which numbers are encoded in more ways than anybody does without meaning to hide them.
HIDDEN = "[a text with card numbers]"
PASSES_MAX = 10

# Digits and bytes of other scripts become 0; what may stand between digits or encode one is dropped.
_TABLE = bytes(48 if 48 <= byte < 58 or byte >= 0x80 else 120 for byte in range(256))
_DROPPED = b" -._+%\\u&#;xX"
_ZEROS = b"0" * DIGITS_MIN
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
#: A form's blank; before a number it is that of a telephone.
_PLUS = re.compile(r"(?<=\d)\+(?=\d)")
_BYTES_ESCAPE = re.compile(rb"\\u(?:00([0-7][0-9a-fA-F])|[0-9a-fA-F]{4})")


def may_hold_card(data: bytes) -> bool:
    """False: there is surely no card's number in it."""
    if _ZEROS in data.translate(_TABLE, _DROPPED):
        return True
    if b"%" in data and _may_hold_encoded(data):
        return True
    # what has a value above ASCII counts as a digit, as in _TABLE
    return b"\\" in data and _ZEROS in _BYTES_ESCAPE.sub(_unescaped_byte, data).translate(_TABLE, _DROPPED)


def _may_hold_encoded(data: bytes) -> bool:
    for _ in range(ROUNDS_MAX):
        decoded = unquote_to_bytes(data)
        if decoded == data:
            return False
        if _ZEROS in decoded.translate(_TABLE, _DROPPED):
            return True
        data = decoded
    return False


def _unescaped_byte(match: "re.Match[bytes]") -> bytes:
    return b"0" if match[1] is None else bytes((int(match[1], 16),))


def find_cards(text: str) -> Iterator[str]:
    """The digits of each card's number in the text, as it is and decoded."""
    if may_hold_card(text.encode("utf-8", "surrogatepass")):
        for variant in _variants(text):
            for _, _, digits in card_spans(variant):
                yield digits


def mask_cards(text: str) -> str:
    """The text with each card's number as ``[card ****4242]``. A text in which a number is encoded comes back decoded."""
    if not may_hold_card(text.encode("utf-8", "surrogatepass")):
        return text
    for _ in range(PASSES_MAX):
        text = _masked(text)
        hidden = next((one for one in _variants(text) if any(True for _ in card_spans(one))), None)
        if hidden is None:
            return text
        text = hidden
    return HIDDEN


def _masked(text: str) -> str:
    parts = list[str]()
    done = 0
    for start, end, digits in card_spans(text):
        if start >= done:
            parts += (text[done:start], MASK.format(digits[-4:]))
            done = end
    return "".join((*parts, text[done:]))


def _variants(text: str) -> Iterator[str]:
    """The text, and what is left of it as encodings are taken off."""
    yield text
    for _ in range(ROUNDS_MAX):
        decoded = _decoded(text)
        if decoded == text:
            return
        yield decoded
        text = decoded


def _decoded(text: str) -> str:
    if "+" in text:
        text = _PLUS.sub(" ", text)
    if "%" in text:
        text = unquote(text, errors="replace")
    if "\\" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    return html.unescape(text) if "&#" in text else text
