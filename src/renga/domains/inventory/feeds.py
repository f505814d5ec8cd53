"""Reads rows of stock from CSV (with a header) or JSON Lines."""

import csv
import io

import msgspec

from renga.domains.inventory.contract import StockImportRefused
from renga.domains.inventory.contract.levels import StockRow
from renga.domains.inventory.contract.management import IMPORT_ROWS_MAX, PROBLEMS_MAX
from renga.platform.yielding import Yielding

FILE_BYTES_MAX = 32 * 1024 * 1024
COLUMNS = ("sku", "on_hand", "location", "safety")

_row = msgspec.json.Decoder(StockRow)


async def read_rows(body: bytes) -> list[StockRow]:
    """The rows of a file; empty lines are skipped. Raises StockImportRefused, naming lines and reasons."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StockImportRefused("the file is not UTF-8") from None
    is_json = text.lstrip()[:1] == "{"
    return await (_json_rows(text) if is_json else _csv_rows(text))


async def _json_rows(text: str) -> list[StockRow]:
    rows, problems, yielding = list[StockRow](), list[dict[str, object]](), Yielding()
    for number, line in enumerate(text.splitlines(), 1):
        await yielding.turn()
        if not line.strip():
            continue
        try:
            rows.append(_row.decode(line))
        except (msgspec.DecodeError, RecursionError) as error:
            problems.append({"line": number, "reason": str(error)})
        _check_size(rows)
    return _whole(rows, problems)


async def _csv_rows(text: str) -> list[StockRow]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = reader.fieldnames or []
    if unknown := [name for name in names if name not in COLUMNS]:
        raise StockImportRefused(f"there is no column {unknown[0][:40]!r}; there are {', '.join(COLUMNS)}")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise StockImportRefused(f"the column {twice[0]!r} is there twice")
    if not {"sku", "on_hand"} <= set(names):
        raise StockImportRefused("the first line names the columns: sku and on_hand are needed")
    rows, problems, yielding = list[StockRow](), list[dict[str, object]](), Yielding()
    try:
        for given in reader:
            await yielding.turn()
            if None in given:
                problems.append(
                    {"line": reader.line_num, "reason": "it has more values than the first line has columns"}
                )
                continue
            filled = {name: value for name, value in given.items() if value not in (None, "")}
            try:
                rows.append(msgspec.convert(filled, StockRow, strict=False))
            except msgspec.ValidationError as error:
                problems.append({"line": reader.line_num, "reason": str(error)})
            _check_size(rows)
    except csv.Error as error:
        problems.append({"line": reader.line_num, "reason": str(error)})
    return _whole(rows, problems)


def _check_size(rows: list[StockRow]) -> None:
    if len(rows) > IMPORT_ROWS_MAX:
        raise StockImportRefused(f"an import has at most {IMPORT_ROWS_MAX} rows", limit=IMPORT_ROWS_MAX)


def _whole(rows: list[StockRow], problems: list[dict[str, object]]) -> list[StockRow]:
    """Raises StockImportRefused."""
    if problems:
        first = problems[0]
        raise StockImportRefused(
            f"line {first['line']}: {first['reason']}", problems=problems[:PROBLEMS_MAX], count=len(problems)
        )
    return rows
