"""Reads the rows of a JSON Lines or CSV file as dictionaries, with line numbers, and a reason for unreadable rows."""

import csv
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

import msgspec

from renga.domains.catalog.feeds.lines import Lines, RowBroken
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.model.limits import ROW_BYTES_MAX
from renga.platform.json_bounds import CONTAINERS_MAX, has_too_many_containers

_DELIMITERS = (",", ";", "\t")
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "csv"}
_decode = msgspec.json.Decoder().decode


class Row(NamedTuple):
    """A row from line ``first`` to line ``last``: its fields, or why it cannot be read."""

    first: int
    last: int
    fields: dict[str, Any] | None
    reason: str = ""


def rows_of(lines: Lines, name: str) -> Iterator[Row]:
    """All rows; the format is detected by the file's name, else by its first character."""
    if format_of(name, lines.head()) == "csv":
        return csv_rows(lines)
    return json_rows(lines)


def format_of(name: str, head: bytes) -> str:
    """``jsonl`` or ``csv``. Raises ImportRefused for one big JSON array."""
    suffix = PurePath(name.lower().removesuffix(".gz")).suffix
    known = _SUFFIXES.get(suffix)
    first = head.lstrip()[:1]
    if known != "csv" and first == b"[":
        raise ImportRefused(f"{name} is one JSON array; write one object per line (jq -c '.[]')")
    return known or ("jsonl" if first == b"{" else "csv")


def json_rows(lines: Lines) -> Iterator[Row]:
    while True:
        try:
            line = next(lines, b"")
            if not line:
                return
            if not line.strip():
                continue
            fields = _json_object(line, lines.number)
        except RowBroken as broken:
            yield Row(broken.line, broken.line, None, broken.reason)
        else:
            yield Row(lines.number, lines.number, fields)


def _json_object(line: bytes, number: int) -> dict[str, Any]:
    if has_too_many_containers(line):
        raise RowBroken(number, f"has more than {CONTAINERS_MAX} objects and lists")
    try:
        fields = _decode(line)
    except UnicodeDecodeError as error:
        raise RowBroken(number, _not_utf8(error)) from error
    except RecursionError as error:
        raise RowBroken(number, "is nested too deeply") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise RowBroken(number, f"is not valid JSON: {error}") from error
    if not isinstance(fields, dict):
        raise RowBroken(number, "is not a JSON object")
    return fields


def csv_header(head: bytes) -> list[str]:
    """The column names in the first line of a file, as far as they can be read; meaningless if it is not CSV."""
    first = head.partition(b"\n")[0].decode(errors="replace")
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=_delimiter(head)), [])]
    except csv.Error:
        return []


def csv_rows(lines: Lines) -> Iterator[Row]:
    """Rows by the header's names, without empty cells; empty lines are skipped."""
    text = _Text(lines)
    reader = csv.reader(text, delimiter=_delimiter(lines.head()), strict=True)
    header = _header(reader)
    while True:
        first = lines.number + 1
        text.bytes_read = 0
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if not cells:
                continue
            fields = _named(header, cells, first)
            if text.bytes_read > ROW_BYTES_MAX:
                raise RowBroken(first, f"is longer than {ROW_BYTES_MAX} bytes")
        except csv.Error as error:
            if lines.number > first or "end of data" in str(error):
                raise ImportRefused(f"line {first}: a quote opens here and is not closed: {error}") from error
            yield Row(first, lines.number, None, f"is not valid CSV: {error}")
        except RowBroken as broken:
            yield Row(first, lines.number, None, broken.reason)
        else:
            yield Row(first, lines.number, fields)


class _Text(Iterator[str]):
    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.bytes_read = 0

    def __next__(self) -> str:
        line = next(self._lines)
        self.bytes_read += len(line)
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise RowBroken(self._lines.number, _not_utf8(error)) from error


def _delimiter(head: bytes) -> str:
    """The most frequent of ``,`` ``;`` and tab in the first line, outside quotes."""
    outside = head.partition(b"\n")[0].decode(errors="replace").split('"')[::2]
    return max(_DELIMITERS, key=lambda delimiter: sum(part.count(delimiter) for part in outside))


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except (csv.Error, RowBroken) as error:
        raise ImportRefused(f"line 1: the header cannot be read: {error}") from error
    if not all(header) or not header:
        raise ImportRefused("line 1: the header has a column without a name")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise ImportRefused(f"line 1: the header has two columns named {twice!r}")
    return header


def _named(header: list[str], cells: list[str], line: int) -> dict[str, Any]:
    if len(cells) != len(header):
        raise RowBroken(line, f"has {len(cells)} cells, the header {len(header)}")
    return {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()}


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"is not UTF-8 (byte 0x{error.object[error.start]:02X} at {error.start + 1}); save the file as UTF-8"
