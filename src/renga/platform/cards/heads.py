"""Cards' numbers in the head of a request: its path, its query, its headers."""

import base64
import binascii
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes

from renga.kernel.card_numbers import find_cards, may_hold_card
from renga.platform.cards.declared import CardRulesTable

#: Of other shops' and programs' making, compared or passed over, never kept: a browser cannot leave them out.
_NOT_READ = frozenset((b"cookie", b"if-none-match", b"if-match", b"content-length"))
_BASIC = b"asic "


def may_hold_card_in_head(scope: Any) -> bool:
    """For hot paths: False, there is surely none."""
    head = b"\n".join(chain.from_iterable(scope["headers"]))
    target = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    return may_hold_card(head) or may_hold_card(b"%b?%b" % (target, scope["query_string"])) or _BASIC in head


class _Place(NamedTuple):
    field: str
    text: str


def card_in_head(scope: Any, table: CardRulesTable) -> str | None:
    """Which part has a card's number; None: none has, or only identifiers of the operation."""
    rules, parameters = table.find(scope["method"], scope["path"])
    exempt = {_plain(value) for name, value in parameters.items() if name in rules.names}
    if rules.find is not None:
        exempt |= set(rules.find(dict(_pairs(scope["query_string"]))))
    numbers = {digits for text in exempt for digits in find_cards(text)}
    for place in chain(_of_path(scope, parameters), _of_query(scope, rules.names), _of_headers(scope)):
        for digits in find_cards(place.text):
            if digits not in numbers:
                return place.field
    return None


def _of_path(scope: Any, parameters: dict[str, str]) -> Iterator[_Place]:
    for name, value in parameters.items():
        yield _Place(name, _plain(value))
    yield _Place("path", _plain(scope["path"]))
    yield _Place("path", (scope.get("raw_path") or b"").decode("latin-1"))


def _plain(text: str) -> str:
    """Without the surrogates that stand for encoded slashes (``http/segments.py``)."""
    return text.encode("utf-8", "replace").decode()


def _of_query(scope: Any, names: frozenset[str]) -> Iterator[_Place]:
    query = scope["query_string"]
    if not query:
        return
    known = set()
    for name, value in _pairs(query):
        yield _Place("query", name)
        if name in names:
            known |= set(find_cards(value))
        else:
            yield _Place(name, value)
    if not known:
        yield _Place("query", query.decode("latin-1"))
        yield _Place("query", unquote_to_bytes(query).decode("utf-8", "replace"))


def _pairs(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace")


def _of_headers(scope: Any) -> Iterator[_Place]:
    for name, value in scope["headers"]:
        field = name.decode("latin-1")
        yield _Place("headers", field)
        if name in _NOT_READ:
            continue
        yield _Place(field, value.decode("utf-8", "replace"))
        if name == b"authorization" and value[:6].lower() == b"basic ":
            try:
                yield _Place(field, base64.b64decode(value[6:]).decode("utf-8", "replace"))
            except (binascii.Error, ValueError):
                continue
