"""Pages and periods of the ledger: limits, cursors, days."""

import re
from datetime import date, timedelta

from renga.domains.payments.contract.errors import LedgerInvalid
from renga.domains.payments.contract.ledger_reading import LEDGER_PAGE_MAX
from renga.kernel.clock import DAY_MS

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH = date(1970, 1, 1)
#: Numbers of a cursor have so many digits at most, and are written by us alone.
_NUMBER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_POSITION_MAX = 32_767


def check_limit(limit: int) -> None:
    """Raises LedgerInvalid."""
    if not 1 <= limit <= LEDGER_PAGE_MAX:
        raise LedgerInvalid(f"a page has from 1 to {LEDGER_PAGE_MAX} items", field="limit")


def numbers_of(cursor: str, count: int) -> tuple[int, ...]:
    """The numbers of a cursor, of which the last is a position. Raises LedgerInvalid."""
    parts = cursor.split("-") if len(cursor) <= 20 * count else []
    if len(parts) != count or not all(map(_NUMBER.fullmatch, parts)) or int(parts[-1]) > _POSITION_MAX:
        raise LedgerInvalid("this cursor was not made by this list", field="cursor")
    return tuple(map(int, parts))


def cursor_of(*numbers: int) -> str:
    return "-".join(map(str, numbers))


def period_of(first_day: str, last_day: str) -> tuple[int, int]:
    """Both days included, in UTC, as milliseconds [from, to). Raises LedgerInvalid."""
    first, last = _day(first_day, "from"), _day(last_day, "to")
    if last < first:
        raise LedgerInvalid("the period ends before it begins", field="to")
    return _ms(first), _ms(last) + DAY_MS


def _day(text: str, field: str) -> date:
    try:
        if _DAY.fullmatch(text) and (day := date.fromisoformat(text)) >= _EPOCH:
            return day
    except ValueError:
        pass  # told below
    raise LedgerInvalid(f"{text[:20]!r} is no day such as 2026-11-30, from 1970 on", field=field)


def _ms(day: date) -> int:
    return (day - _EPOCH) // timedelta(days=1) * DAY_MS
