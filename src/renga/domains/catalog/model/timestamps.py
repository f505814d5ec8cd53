"""Pure: moments as texts. All are RFC 3339 in UTC with milliseconds, so that texts compare as moments do."""

from datetime import UTC, datetime, timedelta

#: A longer text is no moment.
_CHARS_MAX = 40


def moment_of(text: str) -> str | None:
    """``2026-11-25T10:00:00-03:00`` → ``2026-11-25T13:00:00.000Z``; a bare day is its first moment in UTC. None: no moment."""
    try:
        if len(text) > _CHARS_MAX or "W" in text:
            return None
        moment = datetime.fromisoformat(text)
        bare_day = len(text) == len("2026-11-25")
        if moment.tzinfo is None and not bare_day:
            return None
        return _text(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def days_before(at: str, days: int) -> str:
    """The moment so many days before ``at``."""
    return _text(datetime.fromisoformat(at).astimezone(UTC) - timedelta(days=days))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
