"""Pure: conditions in SQL for scope and filters, with their arguments."""

from collections.abc import Sequence
from typing import Any

from renga.domains.search.contract import Filter
from renga.domains.search.model.document import EVERYWHERE
from renga.domains.search.model.folding import primary
from renga.domains.search.model.tokens import token
from renga.domains.search.ports import IndexQuestion


class Arguments:
    """The arguments of a statement: ``add`` gives the placeholder."""

    def __init__(self, *first: Any) -> None:
        self.values: list[Any] = list(first)

    def add(self, value: Any, cast: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{cast}"


def scope(question: IndexQuestion, arguments: Arguments) -> list[str]:
    """The scope: sold in the channel, in the category and collection, not hidden."""
    query = question.query
    found = ["NOT gone", f"channels && {arguments.add([EVERYWHERE, query.channel], 'text[]')}"]
    if query.category is not None:
        found.append(f"tokens @> {arguments.add([token('category', query.category)], 'text[]')}")
    if question.within is not None:
        found.append(f"slug = ANY({arguments.add(list(question.within), 'text[]')})")
    if question.hidden:
        found.append(f"product_id <> ALL({arguments.add(list(question.hidden), 'text[]')})")
    return found


def condition(one: Filter, question: IndexQuestion, arguments: Arguments) -> str:
    """SQL for one filter."""
    if one.values:
        return f"tokens && {arguments.add(_tokens(one, question), 'text[]')}"
    number = number_of(one.facet, question, arguments)
    bounds = []
    if one.at_least is not None:
        bounds.append(f"{number} >= {arguments.add(one.at_least, 'float8')}")
    if one.at_most is not None:
        bounds.append(f"{number} <= {arguments.add(one.at_most, 'float8')}")
    return f"({' AND '.join(bounds)})" if bounds else "true"


def _tokens(one: Filter, question: IndexQuestion) -> list[str]:
    tag = primary(question.query.language)
    return [token(one.facet, value, language) for value in one.values for language in ("", tag)]


def tokens_wanted(question: IndexQuestion, *, filtered: bool = True) -> list[list[str]]:
    """A product must have one token of each list: for the category, and for every filter by values."""
    category = question.query.category
    shelf = [] if category is None else [[token("category", category)]]
    return shelf + [_tokens(one, question) for one in question.query.filters if one.values and filtered]


def number_of(facet: str, question: IndexQuestion, arguments: Arguments) -> str:
    """SQL: a document's number for a facet; the price is in the query's currency."""
    if facet == "price":
        return f"(prices ->> {arguments.add(question.query.currency, 'text')})::float8"
    return f"(numbers ->> {arguments.add(facet, 'text')})::float8"


def conditions(question: IndexQuestion, arguments: Arguments) -> Sequence[str]:
    """One condition per filter, in the same order."""
    return [condition(one, question, arguments) for one in question.query.filters]
