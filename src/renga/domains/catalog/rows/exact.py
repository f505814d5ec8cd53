"""Pure: what files may write loosely (a number as a sku, a day as a moment), a single product's document may not."""

from collections.abc import Iterator, Mapping
from typing import Any

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.model.limits import ROW_PROBLEMS_MAX
from renga.kernel.clock import is_rfc3339

_TEXTS = frozenset(("sku", "gtin", "external_id"))
_MOMENTS = frozenset(("at", "from_at", "until_at"))
#: The lists of a row whose entries have such members, and the lists within these.
_LISTS = {"variants": ("bundle", "price_list"), "publications": (), "scheduled": ()}


def check_exact(row: Mapping[str, Any]) -> None:
    """Raises RowInvalid for a number where a text belongs, and for a day where a moment (RFC 3339) belongs."""
    problems = []
    for field, name, value in _members(row):
        if name in _TEXTS and isinstance(value, int | float) and not isinstance(value, bool):
            problems.append((field, "must be a text, not a number"))
        elif name in _MOMENTS and isinstance(value, str) and not is_rfc3339(value):
            problems.append((field, f"{value[:40]!r} is not a moment such as 2026-11-25T00:00:00Z"))
    if problems:
        raise RowInvalid(problems[:ROW_PROBLEMS_MAX])


def _members(row: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Path, name and value of each member that is a text or a moment."""
    yield "external_id", "external_id", row.get("external_id")
    for outer, inner in _LISTS.items():
        for at, entry in _entries(outer, row.get(outer)):
            yield from ((f"{at}.{name}", name, value) for name, value in entry.items())
            for name in inner:
                for place, one in _entries(f"{at}.{name}", entry.get(name)):
                    yield from ((f"{place}.{member}", member, value) for member, value in one.items())


def _entries(field: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a list; other values are refused where the row is read."""
    for index, one in enumerate(value if isinstance(value, list | tuple) else ()):
        if isinstance(one, dict):
            yield f"{field}[{index}]", one
