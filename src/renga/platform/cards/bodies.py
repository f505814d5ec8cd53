"""Cards' numbers in the body of a request, by its content type and the declared type of its operation."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from renga.kernel.card_numbers import find_cards, may_hold_card
from renga.platform.cards.declared import CardRules, identifier_fields
from renga.platform.cards.members import MemberText, kinds_of, member_texts
from renga.platform.cards.refusal import CardNumberRefused
from renga.platform.json_bounds import has_too_many_containers
from renga.platform.yielding import Yielding

#: Of a large body so much is looked through at once, cut where no number goes on if there is such a place.
SLICE_BYTES = 16 << 10
_CUTS = re.compile(rb'[\n,"{}<>]|&(?!#)')
#: Of two slices that had to be cut anywhere.
OVERLAP_BYTES = 200
#: Different numbers that are compared with those of identifiers; a body with more is refused.
NUMBERS_MAX = 20_000
NO_TEXT = MemberText("", "", identifier=False)
_PART_NAME = re.compile(r'name="([^"\r\n]{0,60})"')


async def check_body(body: bytes, content_type: str, rules: CardRules) -> None:
    """Raises CardNumberRefused. ``may_hold_card`` of the body is asked before, for it is cheap.

    One number that is no identifier decides: the others are looked for only if all in the members are identifiers.
    """
    if not await _numbers(body, most=0):
        return
    known: set[str] = set()
    yielding = Yielding()
    for member in _texts(body, content_type.partition(";")[0].strip().lower(), rules):
        await yielding.turn()
        data = member.text.encode("utf-8", "surrogatepass")
        if not may_hold_card(data):
            continue
        found = await _numbers(data, most=NUMBERS_MAX if member.identifier else 0)
        if found and not member.identifier:
            raise CardNumberRefused(member.path or "body")
        known |= found
        if len(known) > NUMBERS_MAX:
            raise CardNumberRefused("body")
    if not await _numbers(body, most=NUMBERS_MAX) <= known:
        raise CardNumberRefused(_part_of(body, content_type) or "body")


async def _numbers(data: bytes, *, most: int) -> set[str]:
    """The numbers in it; one more than ``most``, if there are more."""
    found: set[str] = set()
    yielding, start = Yielding(), 0
    while start < len(data) and len(found) <= most:
        end, following = _cut(data, start + SLICE_BYTES)
        piece = data[start:end]
        if may_hold_card(piece):
            for digits in find_cards(piece.decode("utf-8", "replace")):
                found.add(digits)
                if len(found) > most:
                    break
        start = following
        await yielding.turn()
    return found


def _cut(body: bytes, end: int) -> tuple[int, int]:
    """Where a slice ends, and where the next one begins."""
    if end >= len(body):
        return len(body), len(body)
    match = _CUTS.search(body, end, end + SLICE_BYTES)
    return (match.start(), match.start()) if match else (end, end - OVERLAP_BYTES)


def _texts(body: bytes, media: str, rules: CardRules) -> Iterator[MemberText]:
    """Nothing for a body that is not of its type: then no number is an identifier."""
    try:
        if media in rules.lines:
            yield from _of_lines(body, rules.lines[media])
        elif media.endswith(("json", "graphql")):
            yield from _of_json(body, rules.bodies.get(media, rules.bodies.get("")), rules)
        elif media == "application/x-www-form-urlencoded":
            for name, value in parse_qsl(body.decode(), keep_blank_values=True, errors="replace"):
                yield MemberText("body", name, identifier=False)
                yield MemberText(name, value, identifier=name in rules.names)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, csv.Error):
        return


def _of_json(body: bytes, kind: Any, rules: CardRules) -> Iterator[MemberText]:
    if has_too_many_containers(body):
        return  # it is read by nobody
    value = msgspec.json.decode(body)
    if rules.find is not None and isinstance(value, Mapping):
        numbers = {digits for text in rules.find(value) for digits in find_cards(text)}
        for member in member_texts(value, ()):
            yield member._replace(identifier=not set(find_cards(member.text)) - numbers)
        return
    yield from member_texts(value, kinds_of(kind))


def _of_lines(body: bytes, kind: Any) -> Iterator[MemberText]:
    """JSON Lines, or CSV with a header."""
    if not body.lstrip().startswith(b"{"):
        known = identifier_fields(kind)
        for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")):
            for name, value in row.items():
                yield MemberText(str(name), str(value), identifier=name in known)
        return
    kinds = kinds_of(kind)
    for number, line in enumerate(body.splitlines(), 1):
        if not may_hold_card(line):
            yield NO_TEXT  # for the reader to give way to others
        elif not has_too_many_containers(line):
            for member in member_texts(msgspec.json.decode(line), kinds):
                yield member._replace(path=f"[{number}].{member.path}")


def _part_of(body: bytes, content_type: str) -> str:
    """The name of the form's part before the first number."""
    if not content_type.lower().startswith("multipart/"):
        return ""
    text = body.decode("utf-8", "replace")
    digits = next(find_cards(text), "")
    at = text.find(digits[-4:]) if digits else -1
    names = [match[1] for match in _PART_NAME.finditer(text, 0, max(at, 0))]
    return names[-1] if names else ""
