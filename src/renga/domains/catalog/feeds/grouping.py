"""Pure: groups consecutive rows of one product, and converts each group to a draft or to problems."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from renga.domains.catalog.contract import ProductType, RowInvalid
from renga.domains.catalog.feeds.file_rows import Row
from renga.domains.catalog.feeds.outcomes import RowProblem
from renga.domains.catalog.model import Draft, slugify
from renga.domains.catalog.rows.drafts import NO_TYPES, draft_of
from renga.domains.catalog.rows.flat import PRODUCT_FIELDS, native_of


class Candidate(msgspec.Struct):
    """The rows of one product, from line ``first`` to line ``last``; if there are problems, there is no draft."""

    first: int
    last: int
    rows: int = 1
    key: str | None = None
    native: dict[str, Any] | None = None
    problems: list[RowProblem] = []
    draft: Draft | None = None

    def fail(self, line: int, invalid: RowInvalid) -> None:
        self.problems = [*self.problems, *(RowProblem(line, field, reason) for field, reason in invalid.problems)]


def candidates(
    rows: Iterable[Row],
    flat_of: Callable[[dict[str, Any]], dict[str, Any]],
    types: Mapping[str, ProductType] = NO_TYPES,
) -> Iterator[Candidate]:
    """One candidate per product. ``flat_of`` converts a row's fields to flat ones and may raise RowInvalid."""
    open_group: Candidate | None = None
    for row in rows:
        one = _candidate(row, flat_of)
        if open_group and open_group.key is not None and _belongs(one, open_group):
            _join(open_group, one)
            continue
        if open_group:
            yield _closed(open_group, types)
        open_group = one
    if open_group:
        yield _closed(open_group, types)


def _candidate(row: Row, flat_of: Callable[[dict[str, Any]], dict[str, Any]]) -> Candidate:
    one = Candidate(row.first, row.last)
    if row.fields is None:
        one.problems = [RowProblem(row.first, "", row.reason)]
        return one
    try:
        flat = flat_of(row.fields)
        one.key = _key(flat)
        one.native = native_of(flat)
    except RowInvalid as invalid:
        one.fail(row.first, invalid)
    return one


def _key(flat: dict[str, Any]) -> str | None:
    key = flat.get("product")
    if key is None:
        return None
    if not isinstance(key, str | int) or isinstance(key, bool) or not slugify(str(key)):
        raise RowInvalid([("product", "must be a text or a number that groups the rows of one product")])
    flat.setdefault("external_id", str(key))
    return str(key)


def _belongs(one: Candidate, group: Candidate) -> bool:
    """An unreadable row between rows of a product belongs to it: without that row the product is incomplete."""
    return one.key == group.key or (one.key is None and one.native is None)


def _join(group: Candidate, one: Candidate) -> None:
    group.last, group.rows = one.last, group.rows + one.rows
    group.problems = [*group.problems, *one.problems]
    if group.native is None or one.native is None:
        return
    for field in PRODUCT_FIELDS:
        if field in one.native and one.native[field] != group.native.get(field):
            reason = f"differs from line {group.first}, which is of the same product"
            group.problems = [*group.problems, RowProblem(one.first, field, reason)]
    group.native["variants"] = [*group.native["variants"], *one.native["variants"]]


def _closed(group: Candidate, types: Mapping[str, ProductType]) -> Candidate:
    if not group.problems and group.native is not None:
        try:
            group.draft = draft_of(group.native, types)
        except RowInvalid as invalid:
            group.fail(group.first, invalid)
    group.native = None
    return group
