"""Moments are whole milliseconds since the epoch, exact in every form."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.kernel.clock import ManualClock, SystemClock, from_rfc3339, rfc3339, to_datetime

MOMENTS = st.integers(0, 253_402_300_799_999)  # to the end of the year 9999


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_moment_is_written_in_rfc_3339_with_milliseconds_in_utc(at_ms: int, text: str) -> None:
    assert rfc3339(at_ms) == text


@given(MOMENTS)
def test_a_written_moment_reads_back_exactly(at_ms: int) -> None:
    read = datetime.fromisoformat(rfc3339(at_ms))
    assert read == to_datetime(at_ms)
    whole, rest = divmod((read - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000, 1)
    assert (round(whole + rest), read.microsecond % 1000) == (at_ms, 0)


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59.999-01:00",
        "9999-12-31T23:59:59.9996Z",
        "0001-01-01T00:00:00+00:01",
        "2030-02-30T00:00:00Z",
        "2030-01-01T00:00:60Z",
        "2030-01-01T00:00:00+25:00",
        "tomorrow",
    ],
)
def test_a_moment_that_cannot_be_written_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no moment of RFC 3339|is not in the years 1 to 9999"):
        from_rfc3339(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_the_first_and_the_last_moment_are_read_as_they_are_written(text: str) -> None:
    assert rfc3339(from_rfc3339(text)) == text


@given(MOMENTS, MOMENTS)
def test_written_moments_sort_as_they_follow_each_other(one_ms: int, other_ms: int) -> None:
    assert (rfc3339(one_ms) < rfc3339(other_ms)) == (one_ms < other_ms)


def test_a_manual_clock_moves_by_hand_only() -> None:
    clock = ManualClock(1_000)
    assert (clock.now_ms(), clock.now_ms()) == (1_000, 1_000)
    clock.advance(seconds=1.5, ms=7)
    assert clock.now_ms() == 2_507


def test_the_system_clock_tells_the_time_of_this_machine_in_milliseconds() -> None:
    before = datetime.now(UTC).timestamp() * 1000
    now_ms = SystemClock().now_ms()
    after = datetime.now(UTC).timestamp() * 1000
    assert before - 1 <= now_ms <= after + 1
