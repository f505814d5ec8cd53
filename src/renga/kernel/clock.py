"""Time comes in from outside, as milliseconds since the Unix epoch, so that tests and simulations can replay it."""

import re
import time
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol

DAY_MS = 24 * 3600 * 1000


class Clock(Protocol):
    """The present, in whole milliseconds since 1970-01-01T00:00:00Z."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        ...


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that a test moves by hand."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, *, seconds: float = 0, ms: int = 0) -> None:
        self._now_ms += int(seconds * 1000) + ms


def to_datetime(at_ms: int) -> datetime:
    """The time as a timezone-aware UTC datetime, exact to the millisecond."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)


def rfc3339(at_ms: int) -> str:
    """``2026-11-22T16:00:00.123Z`` (RFC 3339)."""
    minutes, ms = divmod(at_ms, 60_000)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{_date(day)}T{hour:02}:{minute:02}:{ms // 1000:02}.{ms % 1000:03}Z"


@lru_cache(maxsize=1_000)
def _date(day: int) -> str:
    """The date of a day since 1970-01-01. Cached: every answer with a cart has three times, mostly of few days."""
    return date.fromordinal(_EPOCH_DAY + day).isoformat()


_EPOCH_DAY = date(1970, 1, 1).toordinal()


#: RFC 3339 §5.6 ``date-time``, which is narrower than what ISO 8601 and Python accept: offset, T and colons are required.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def is_rfc3339(text: str) -> bool:
    """Whether a text has the syntax of an RFC 3339 timestamp; its parts may still be out of range."""
    return _DATE_TIME.fullmatch(text) is not None


#: The first and the last moment that ``rfc3339`` can write: the years 1 to 9999 in UTC.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def from_rfc3339(text: str) -> int:
    """An RFC 3339 timestamp as milliseconds since the Unix epoch, which ``rfc3339`` can write. Raises ValueError."""
    problem = f"{text[:40]!r} is no moment of RFC 3339"
    if not is_rfc3339(text):
        raise ValueError(problem)
    try:
        at_ms = round(datetime.fromisoformat(text.upper()).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError(problem) from None
    if not _FIRST_MS <= at_ms <= _LAST_MS:
        raise ValueError(f"{text[:40]!r} is not in the years 1 to 9999 in UTC")
    return at_ms
