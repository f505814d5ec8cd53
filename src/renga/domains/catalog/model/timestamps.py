"""Pure: timestamps as texts. All are RFC 3339 in UTC with milliseconds, so string comparison is comparison in time."""

import re
from datetime import UTC, datetime, timedelta

from renga.kernel.clock import is_rfc3339

#: RFC 3339 §5.6 ``full-date``.
_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
#: A longer text is not a timestamp.
_CHARS_MAX = 40


def utc_timestamp(text: str) -> str | None:
    """``2026-11-25T10:00:00-03:00`` → ``2026-11-25T13:00:00.000Z``; a date alone is its midnight in UTC. None: invalid."""
    if len(text) > _CHARS_MAX or not (is_rfc3339(text) or _FULL_DATE.fullmatch(text)):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return _text(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def days_before(at: str, days: int) -> str:
    """The time ``days`` days before ``at``."""
    return _text(datetime.fromisoformat(at).astimezone(UTC) - timedelta(days=days))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
