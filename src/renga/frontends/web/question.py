"""Parses the query of a listing's URL and writes it back (pure). Invalid parts are ignored.

``?q=caneca&brand=Oficina&option.colour=azul&price.from=20&price.to=80,50&sort=price_asc``: a facet's values are combined with OR,
a range has ``.from`` and ``.to``; prices are in major units, in the visitor's number format.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import get_args
from urllib.parse import urlencode

import msgspec

from renga.domains.search.contract import FILTERS_MAX, TEXT_CHARS_MAX, VALUES_MAX, Filter, Sort
from renga.kernel.errors import Unprocessable
from renga.kernel.money import Money, from_decimal

#: Allowed facets: named ones, options and attributes by code.
_FACET = re.compile(r"(?:brand|category|merchant|type|availability|price|(?:option|attribute)\.[^\x00-\x1f]{1,120})\Z")
_FROM, _TO = ".from", ".to"
_VALUE_CHARS_MAX = 200
_CURSOR_CHARS_MAX = 1_000
#: Replaces a cursor that is too long.
_INVALID_CURSOR = "-"
_DEFAULT_SORT: Sort = "relevance"
SORTS: tuple[Sort, ...] = get_args(Sort)


class ListingQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """The parsed query of a listing. ``filters`` are in search's form: prices in minor units of the visitor's currency."""

    text: str = ""
    filters: tuple[Filter, ...] = ()
    sort: Sort = _DEFAULT_SORT
    cursor: str | None = None

    @property
    def is_plain(self) -> bool:
        """Is it the unfiltered, unsorted listing (any page of it)?"""
        return not (self.text or self.filters) and self.sort == _DEFAULT_SORT


def read_question(pairs: Iterable[tuple[str, str]], currency: str) -> ListingQuestion:
    """Parse a URL's query."""
    text, sort, cursor = "", _DEFAULT_SORT, None
    terms: dict[str, list[str]] = {}
    bounds: dict[str, dict[str, float]] = {}
    for name, raw in pairs:
        value = " ".join(raw.split())
        if not value or not value.isprintable():
            continue
        if name == "q":
            text = value[:TEXT_CHARS_MAX]
        elif name == "sort":
            sort = next((known for known in SORTS if known == value), sort)
        elif name == "cursor":
            cursor = value if len(value) <= _CURSOR_CHARS_MAX else _INVALID_CURSOR
        elif name.endswith((_FROM, _TO)):
            facet, _, end = name.rpartition(".")
            number = _number(facet, value, currency)
            if _FACET.match(facet) and number is not None:
                bounds.setdefault(facet, {})[end] = number
        elif _FACET.match(name) and len(value) <= _VALUE_CHARS_MAX:
            terms.setdefault(name, []).append(value)
    return ListingQuestion(text=text, filters=tuple(_filters(terms, bounds)), sort=sort, cursor=cursor)


def _filters(terms: dict[str, list[str]], bounds: dict[str, dict[str, float]]) -> Iterator[Filter]:
    found = [Filter(facet=facet, values=tuple(dict.fromkeys(values))[:VALUES_MAX]) for facet, values in terms.items()]
    for facet, ends in bounds.items():
        if facet not in terms:
            found.append(Filter(facet=facet, at_least=ends.get("from"), at_most=ends.get("to")))
    yield from found[:FILTERS_MAX]


def _number(facet: str, text: str, currency: str) -> float | None:
    if facet == "price":
        try:
            return from_decimal(_plain_decimal(text), currency).amount
        except Unprocessable:
            return None
    try:
        number = float(_plain_decimal(text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _plain_decimal(text: str) -> str:
    """Parses ``1.234,50`` and ``80,5`` in Portuguese, ``1,234.50`` in English."""
    comma, point = text.rfind(","), text.rfind(".")
    if comma > point:
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "")


def query_of(question: ListingQuestion, currency: str) -> str:
    """The URL query; empty for the plain listing."""
    return urlencode(fields_of(question, currency))


def address(path: str, question: ListingQuestion, currency: str) -> str:
    query = query_of(question, currency)
    return f"{path}?{query}" if query else path


def fields_of(question: ListingQuestion, currency: str) -> list[tuple[str, str]]:
    """The names and values, for a URL or a form."""
    return list(_pairs(question, currency))


def _pairs(question: ListingQuestion, currency: str) -> Iterator[tuple[str, str]]:
    if question.text:
        yield "q", question.text
    for one in question.filters:
        for value in one.values:
            yield one.facet, value
        if one.at_least is not None:
            yield one.facet + _FROM, bound_text(one.facet, one.at_least, currency)
        if one.at_most is not None:
            yield one.facet + _TO, bound_text(one.facet, one.at_most, currency)
    if question.sort != _DEFAULT_SORT:
        yield "sort", question.sort
    if question.cursor:
        yield "cursor", question.cursor


def bound_text(facet: str, number: float, currency: str) -> str:
    """A bound as written in a URL and in a field."""
    if facet == "price":
        return Money(round(number), currency).decimal()
    return f"{number:g}" if not number.is_integer() else str(int(number))


def toggled(question: ListingQuestion, facet: str, value: str) -> ListingQuestion:
    """The query with this value toggled, at its first page."""
    before = next((one.values for one in question.filters if one.facet == facet), ())
    after = tuple(v for v in before if v != value) if value in before else (*before, value)
    rest = tuple(one for one in question.filters if one.facet != facet)
    changed = (*rest, Filter(facet=facet, values=after)) if after else rest
    return msgspec.structs.replace(question, filters=changed, cursor=None)


def without(question: ListingQuestion, facet: str) -> ListingQuestion:
    """The query without this facet, at its first page."""
    rest = tuple(one for one in question.filters if one.facet != facet)
    return msgspec.structs.replace(question, filters=rest, cursor=None)
