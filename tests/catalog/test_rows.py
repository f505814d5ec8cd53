"""Reading files: JSON Lines and CSV in all the shapes that people send them in."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.feeds import common_names
from renga.domains.catalog.feeds.file_rows import Row, rows_of
from renga.domains.catalog.feeds.lines import open_lines
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.model.limits import ROW_BYTES_MAX
from renga.domains.catalog.rows.flat import native_of


def read(path: Path) -> list[Row]:
    file, lines = open_lines(path)
    with file:
        return list(rows_of(lines, path.name))


def rows(tmp_path: Path, name: str, content: bytes) -> list[Row]:
    path = tmp_path / name
    path.write_bytes(content)
    return read(path)


def test_json_lines_keep_their_numbers_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert rows(tmp_path, "a.jsonl", b'\xef\xbb\xbf{"a":1}\n\n  \r\n{"a":2}') == [
        Row(1, 1, {"a": 1}),
        Row(4, 4, {"a": 2}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a":', "is not valid JSON: Input data was truncated"),
        (b"[1]", "is not a JSON object"),
        (b'{"a":"\xe7"}', "is not UTF-8 (byte 0xE7 at 1); save the file as UTF-8"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"a":"' + b"x" * ROW_BYTES_MAX + b'"}', f"is longer than {ROW_BYTES_MAX} bytes"),
        (b'{"a":"\\ud800"}', "is not valid JSON: Input data was truncated"),
    ],
)
def test_a_broken_json_line_says_why_and_the_next_one_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    assert rows(tmp_path, "a.jsonl", b'{"a":1}\n' + line + b'\n{"a":3}\n') == [
        Row(1, 1, {"a": 1}),
        Row(2, 2, None, reason),
        Row(3, 3, {"a": 3}),
    ]


@pytest.mark.parametrize("sign", [b",", b";", b"\t"])
def test_csv_is_read_whatever_its_delimiter(tmp_path: Path, sign: bytes) -> None:
    assert rows(tmp_path, "a.csv", b"\xef\xbb\xbfsku,title\r\nA,Caneca\r\n".replace(b",", sign)) == [
        Row(2, 2, {"sku": "A", "title": "Caneca"})
    ]


def test_csv_quotes_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    content = b'sku;"title; long"\nA;"say ""hi"";\nbye"\n\nB;\n'
    assert rows(tmp_path, "a.csv", content) == [
        Row(2, 3, {"sku": "A", "title; long": 'say "hi";\nbye'}),
        Row(5, 5, {"sku": "B"}),
    ]


def test_broken_csv_rows_say_why_and_the_next_one_is_read(tmp_path: Path) -> None:
    content = b'sku,title\nA\nB,b,x\n"C"c,d\nD,\xe7\nE,e\nF,' + b"x" * (ROW_BYTES_MAX + 1) + b"\nG,g\n"
    assert rows(tmp_path, "a.csv", content) == [
        Row(2, 2, None, "has 1 cells, the header 2"),
        Row(3, 3, None, "has 3 cells, the header 2"),
        Row(4, 4, None, "is not valid CSV: ',' expected after '\"'"),
        Row(5, 5, None, "is not UTF-8 (byte 0xE7 at 3); save the file as UTF-8"),
        Row(6, 6, {"sku": "E", "title": "e"}),
        Row(7, 7, None, f"is longer than {ROW_BYTES_MAX} bytes"),
        Row(8, 8, {"sku": "G", "title": "g"}),
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.jsonl", b" \n\n", "a.jsonl is empty"),
        (
            "a.csv",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "a.csv holds binary data; an import reads JSON Lines or CSV, in UTF-8",
        ),
        ("a.csv", "sku,title\n".encode("utf-16"), "a.csv is UTF-16; save it as UTF-8"),
        ("a.json", b'[{"sku":1}]', "a.json is one JSON array; write one object per line (jq -c '.[]')"),
        ("a.csv", b"sku,,title\n", "line 1: the header has a column without a name"),
        ("a.csv", b"sku,sku\n", "line 1: the header has two columns named 'sku'"),
        ("a.csv", b'sku,title\nA,"open\nB,b\n', "line 2: a quote opens here and is not closed: unexpected end of data"),
        ("a.csv", b'sku,title\nA,"open', "line 2: a quote opens here and is not closed: unexpected end of data"),
        (
            "a.csv",
            b'sku,title\nA,"' + b"open\n" * 50_000,
            "line 2: a quote opens here and is not closed: field larger than field limit (131072)",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(ImportRefused) as refusal:
        rows(tmp_path, name, content)
    assert refusal.value.detail == reason


def test_what_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.csv", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(ImportRefused) as refusal:
            read(path)
        assert refusal.value.detail == f"{path} cannot be read: {why}"


def test_gzip_is_read_by_its_first_bytes_and_a_truncated_one_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b'{"a":%d}\n' % n for n in range(20_000)))
    assert len(rows(tmp_path, "a.jsonl.gz", packed)) == 20_000
    assert len(rows(tmp_path, "stdin", packed)) == 20_000
    with pytest.raises(ImportRefused, match=r"the file breaks off after line \d+: Compressed file ended"):
        rows(tmp_path, "b.jsonl.gz", packed[:-500])
    with pytest.raises(ImportRefused, match="the compressed data cannot be read"):
        rows(tmp_path, "c.jsonl.gz", packed[:10] + b"rubbish" * 100)


def native(row: dict[str, Any]) -> dict[str, Any]:
    flat, _ = common_names.flat_of(row)
    return native_of(flat)


def test_the_usual_foreign_names_are_understood() -> None:
    assert native(
        {
            "sku": "A",
            "name": "Mug",
            "short_description": "A mug",
            "ean": ["96385074", "4006381333931"],
            "images": {"low": "/l.png", "high": "/h.png"},
            "price": 19.99,
            "currency": "BRL",
            "category": "Mesa | Café",
        }
    ) == {
        "title": "Mug",
        "description": "A mug",
        "image": "/h.png",
        "categories": ["Mesa ", " Café"],
        "variants": [{"sku": "A", "gtin": "96385074", "prices": {"BRL": 1999}}],
    }


def test_dotted_columns_are_entries() -> None:
    assert native(
        {"sku": "A", "title.en": "Mug", "title.pt-BR": "Caneca", "prices.BRL": "5990", "options.size": "P"}
    ) == {
        "title": {"en": "Mug", "pt-BR": "Caneca"},
        "variants": [{"sku": "A", "options": {"size": "P"}, "prices": {"BRL": 5990}}],
    }


def test_names_that_mean_nothing_are_told() -> None:
    _, unknown = common_names.flat_of({"sku": "A", "title": "x", "tittle": "y", "id": 7, "none": None})
    assert unknown == {"tittle", "id"}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"price": "5"}, ("currency", "is missing, but there is a price")),
        ({"price": "5", "currency": "XXX"}, ("currency", "'XXX' is not an active currency of ISO 4217")),
        ({"price": "5", "currency": 7}, ("currency", "'7' is not an active currency of ISO 4217")),
        ({"price": True, "currency": "BRL"}, ("price", "must be a number")),
        (
            {"price": "1.999", "currency": "BRL"},
            ("price", "'1.999' has more than 2 digits after the point, which BRL does not have"),
        ),
        (
            {"price": "19,99", "currency": "BRL"},
            ("price", "'19,99' is not a decimal number such as 19.99; a mapping can say decimal = \",\""),
        ),
        ({"price_minor": "19.99", "currency": "BRL"}, ("price", "'19.99' must be whole minor units, such as 1999")),
        (
            {"price_minor": 1, "price": 2, "currency": "BRL"},
            ("price", "is there beside price_minor; a mapping must say which one counts"),
        ),
        ({"title": "x", "title.en": "y"}, ("title.en", "is there beside title; only one of them can count")),
        ({"variants": [], "price": 5}, ("price", "belongs into the variants, since the row has a list of those")),
    ],
)  # fmt: skip
def test_a_price_that_is_no_amount_is_a_problem(row: dict[str, Any], problem: tuple[str, str]) -> None:
    with pytest.raises(RowInvalid) as refusal:
        native({"sku": "A"} | row)
    assert refusal.value.problems == [problem]
