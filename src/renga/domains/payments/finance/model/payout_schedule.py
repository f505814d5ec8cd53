"""On which days a merchant is paid out."""

from datetime import UTC, date, datetime, timedelta

from renga.domains.payments.contract.finance_errors import PayoutDayInvalid, PayoutScheduleInvalid
from renga.domains.payments.contract.payouts import PayoutSchedule
from renga.kernel.clock import DAY_MS, to_datetime
from renga.kernel.money import AMOUNT_MAX, CURRENCIES

#: After midnight this much time passes before a day is closed: transactions that began before it are written by then.
CLOSING_MS = 60_000
#: The first day that can be named; before it nobody paid anything.
_FIRST = date(2000, 1, 1)


def checked_schedule(schedule: PayoutSchedule) -> PayoutSchedule:
    """Raises PayoutScheduleInvalid."""
    for currency, amount in schedule.minimum.items():
        if currency not in CURRENCIES:
            raise PayoutScheduleInvalid("a minimum is by currency of ISO 4217", field="minimum")
        if not 0 <= amount <= AMOUNT_MAX:
            raise PayoutScheduleInvalid(f"a minimum is 0 to {AMOUNT_MAX} minor units", field=f"minimum.{currency}")
    return schedule


def latest_due(schedule: PayoutSchedule, day: date) -> date:
    """The last day on or before ``day`` that the schedule names."""
    if schedule.every == "weekly":
        return day - timedelta(days=(day.isoweekday() - schedule.weekday) % 7)
    if schedule.every == "monthly":
        if day.day >= schedule.month_day:
            return day.replace(day=schedule.month_day)
        return (day.replace(day=1) - timedelta(days=1)).replace(day=schedule.month_day)
    return day


def parsed_day(text: str) -> date:
    """``YYYY-MM-DD``. Raises PayoutDayInvalid."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date() if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not text.isascii() or day < _FIRST:
        raise PayoutDayInvalid(f"{text[:20]!r} is no day such as 2027-01-31")
    return day


def start_ms(day: date) -> int:
    """The first millisecond of a day, UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def day_of(at_ms: int) -> date:
    """The day of a moment, UTC."""
    return to_datetime(at_ms).date()


def closed_day(day: date, now_ms: int) -> date:
    """The day, if all that happened before it is written. Raises PayoutDayInvalid."""
    if start_ms(day) + CLOSING_MS > now_ms:
        raise PayoutDayInvalid(f"{day} has not begun, or less than a minute ago")
    return day


def is_over(day: date, now_ms: int) -> bool:
    """Whether a day has ended, also by the clock of somebody whose is a little slow."""
    return start_ms(day) + DAY_MS + CLOSING_MS <= now_ms


def latest_closed(now_ms: int) -> date:
    """The last day for which payouts can run."""
    return day_of(now_ms - CLOSING_MS)


def days_before_ms(day: date, days: int) -> int:
    """The first millisecond of ``days`` before a day."""
    return start_ms(day) - days * DAY_MS
