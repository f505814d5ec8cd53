"""Reads a settlement file from CSV (with a header)."""

import csv
import io

import msgspec

from renga.domains.payments.contract.finance_errors import SettlementInvalid
from renga.domains.payments.contract.settlements import SETTLEMENT_LINES_MAX, SettlementFile, SettlementLine
from renga.platform.yielding import Yielding

COLUMNS = ("id", "ref", "kind", "currency", "gross", "fee", "net", "number", "of")
_OPTIONAL = frozenset({"number", "of"})


async def settlement_of_csv(provider: str, file_id: str, day: str, body: bytes) -> SettlementFile:
    """The file; amounts are whole minor units. Raises SettlementInvalid, naming the line of the text."""
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        names = list(reader.fieldnames or [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettlementInvalid(f"this is no CSV in UTF-8: {error}", line=1) from None
    if set(names) - set(COLUMNS) or not set(COLUMNS) - _OPTIONAL <= set(names) or len(names) != len(set(names)):
        raise SettlementInvalid(f"the columns are {', '.join(COLUMNS)} (the last two may be left out)", line=1)
    lines, pause = list[SettlementLine](), Yielding()
    try:
        for row in reader:
            await pause.turn()
            lines.append(_line(row, reader.line_num))
            if len(lines) > SETTLEMENT_LINES_MAX:
                raise SettlementInvalid(f"a file has at most {SETTLEMENT_LINES_MAX} lines", line=reader.line_num)
    except csv.Error as error:
        raise SettlementInvalid(str(error), line=reader.reader.line_num) from None
    return SettlementFile(id=file_id, provider=provider, day=day, lines=tuple(lines))


def _line(row: dict[str, str], number: int) -> SettlementLine:
    if None in row or None in row.values():
        raise SettlementInvalid("it has another number of values than the first line", line=number)
    filled = {name: value for name, value in row.items() if value or name not in _OPTIONAL}
    try:
        return msgspec.convert(filled, SettlementLine, strict=False)
    except msgspec.ValidationError as error:
        raise SettlementInvalid(str(error), line=number) from None
