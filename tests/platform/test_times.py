"""Moments on the wire are RFC 3339 with an offset: every member that is one says so, and nothing else is taken."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from renga.domains.catalog.model.timestamps import utc_timestamp
from renga.kernel.clock import from_rfc3339, is_rfc3339, rfc3339
from renga.platform.http.openapi_times import is_timestamp
from tests.architecture.test_access import MADE

DOCUMENT = MADE.document()
#: Named as a moment would be, but for these the unit says what they are.
_NUMBER = re.compile(r".*_(ms|s|time|date|until|created|expires)$")


def _members(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"].items()
        if "in" in node and "schema" in node:
            yield str(node["name"]), node["schema"]
        for one in node.values():
            yield from _members(one)
    elif isinstance(node, list):
        for one in node:
            yield from _members(one)


def _kinds(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = [*schema.get("oneOf", ()), *schema.get("anyOf", ())] or [schema]
    return [kind for kind in found if kind.get("type") != "null"]


def test_every_moment_in_the_document_is_a_date_time() -> None:
    moments = [(name, schema) for name, schema in _members(DOCUMENT) if is_timestamp(name)]
    assert len(moments) >= 15
    for name, schema in moments:
        assert [(kind.get("type"), kind.get("format")) for kind in _kinds(schema)] == [("string", "date-time")], name


def test_no_moment_is_a_number() -> None:
    numbers = {name for name, schema in _members(DOCUMENT) if _NUMBER.match(name)}
    assert {name for name in numbers if not name.endswith("_s")} == set()


WRONG = ["2024-01-01 10:00", "2024-01-01T10:00", "2024-01-01T10:00:00", "1704103200", "20240101T100000Z", "2024-W01-1",
         "2024-01-01T10:00:00+03", "2024-01-01 10:00:00Z", "2024-01-01T10:00Z", "", "soon"]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_other_forms_are_no_moments(text: str) -> None:
    assert not is_rfc3339(text)
    assert utc_timestamp(text) is None
    with pytest.raises(ValueError, match="no moment"):
        from_rfc3339(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-25T10:00:00-03:00", "2026-11-25T13:00:00.000Z"),
        ("2026-11-25t10:00:00.5z", "2026-11-25T10:00:00.500Z"),
        ("2026-11-25T10:00:00Z", "2026-11-25T10:00:00.000Z"),
    ],
)
def test_a_moment_is_kept_in_utc(text: str, moment: str) -> None:
    assert utc_timestamp(text) == moment == rfc3339(from_rfc3339(text))


@pytest.mark.parametrize("text", ["2026-13-01T00:00:00Z", "2026-11-25T25:00:00Z", "2026-11-31T00:00:00Z"])
def test_a_moment_that_never_was_is_none(text: str) -> None:
    assert utc_timestamp(text) is None
