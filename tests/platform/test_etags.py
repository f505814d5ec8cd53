"""Entity tags are read and compared as RFC 9110 says, strongly for writes and weakly for reads."""

import pytest

from renga.platform.http.etags import etag_of, matches, matches_strongly, strong, strong_values


def test_a_body_has_a_weak_tag_that_is_always_the_same() -> None:
    assert etag_of(b"mug") == etag_of(b"mug") == b'W/"4a7b2a76cc3f5cf67f014989"'
    assert etag_of(b"mug") != etag_of(b"cup")


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ('"3"', ("3",)),
        ('"1", "3"', ("1", "3")),
        ('"1","3"', ("1", "3")),
        ('W/"3"', ()),
        ('"1", W/"3"', ("1",)),
        ('"a,b", "c"', ("a,b", "c")),
        ('""', ()),
        ("3", ()),
        (",", ()),
        ("", ()),
    ],
)
def test_the_strong_values_of_a_header_are_those_in_quotes_without_the_mark_of_a_weak_tag(
    header: str, values: tuple[str, ...]
) -> None:
    assert strong_values(header) == values


@pytest.mark.parametrize(
    ("header", "holds"),
    [('"3"', True), ('"1", "3"', True), (" * ", True), ('W/"3"', False), ('"33"', False), ('"*"', False), ("", False)],
)
def test_a_write_asks_for_a_strong_match(header: str, holds: bool) -> None:
    assert matches_strongly(header, "3") is holds


@pytest.mark.parametrize("etag", [b'"3"', b'W/"3"'])
@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (b'"3"', True),
        (b'W/"3"', True),
        (b'"1" , W/"3"', True),
        (b"*", True),
        (b'"1"', False),
        (b"3", False),
        (b"", False),
        (None, False),
    ],
)
def test_a_read_is_content_with_a_weak_match(header: bytes | None, etag: bytes, holds: bool) -> None:
    assert matches(header, etag) is holds


def test_a_version_is_written_in_quotes() -> None:
    assert strong("7-1") == '"7-1"'
