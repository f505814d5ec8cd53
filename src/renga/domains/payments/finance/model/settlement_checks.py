"""Whether a settlement file makes sense."""

from renga.domains.payments.contract.finance_errors import PayoutDayInvalid, SettlementInvalid
from renga.domains.payments.contract.payments import INSTALMENTS_MAX
from renga.domains.payments.contract.settlements import (
    SETTLEMENT_ID_CHARS_MAX,
    SETTLEMENT_LINES_MAX,
    SettlementFile,
    SettlementLine,
)
from renga.domains.payments.finance.model.payout_schedule import parsed_day
from renga.kernel.money import AMOUNT_MAX, CURRENCIES

#: Kinds of lines whose gross is money that the provider pays; the others' is money that it takes.
_PAYING = frozenset({"capture", "dispute_won"})


def checked_settlement(file: SettlementFile) -> SettlementFile:
    """Raises SettlementInvalid, naming the first wrong line."""
    _check_id(file.id, 0)
    try:
        parsed_day(file.day)
    except PayoutDayInvalid as error:
        raise SettlementInvalid(error.detail) from None
    if len(file.lines) > SETTLEMENT_LINES_MAX:
        raise SettlementInvalid(f"a file has at most {SETTLEMENT_LINES_MAX} lines")
    seen = set[str]()
    for number, line in enumerate(file.lines, 1):
        _check_line(line, number)
        if line.id in seen:
            raise SettlementInvalid(f"the id {line.id!r} is there twice", line=number)
        seen.add(line.id)
    return file


def _check_id(text: str, number: int) -> None:
    if not 1 <= len(text) <= SETTLEMENT_ID_CHARS_MAX or not text.isprintable():
        raise SettlementInvalid(f"an id has 1 to {SETTLEMENT_ID_CHARS_MAX} printable characters", line=number)


def _check_line(line: SettlementLine, number: int) -> None:
    _check_id(line.id, number)
    _check_id(line.ref, number)
    if line.currency not in CURRENCIES:
        raise SettlementInvalid("a currency is one of ISO 4217", line=number)
    if max(abs(line.gross), abs(line.fee), abs(line.net)) > AMOUNT_MAX:
        raise SettlementInvalid(f"an amount is at most {AMOUNT_MAX}", line=number)
    if line.gross - line.fee != line.net:
        raise SettlementInvalid("gross - fee is not net", line=number)
    if line.gross and (line.gross > 0) != (line.kind in _PAYING):
        raise SettlementInvalid(f"the gross of a {line.kind} has the other sign", line=number)
    if not 1 <= line.number <= line.of <= INSTALMENTS_MAX:
        raise SettlementInvalid(f"an instalment is one of 1 to {INSTALMENTS_MAX}", line=number)
