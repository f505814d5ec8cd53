"""Trying again: as often as said, only for the errors that are named, with full jitter, within the deadline."""

import asyncio

import pytest

from renga.kernel.errors import Unavailable
from renga.platform.retrying import Backoff, Retries

RULES = Retries(attempts_max=4, wait_min_ms=100, wait_max_ms=300)


def _most(low: float, high: float) -> float:
    assert low == 0
    return high


class Engine:
    """Fails so many times."""

    def __init__(self, failures: int, error: type[Exception] = Unavailable) -> None:
        self.failures, self.error = failures, error
        self.calls = 0
        self.waits: list[float] = []

    async def work(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error(f"failure {self.calls}")
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def call(self, rules: Retries = RULES) -> str:
        return await rules.call(
            self.work, lambda error: isinstance(error, Unavailable), sleep=self.sleep, uniform=_most
        )


async def test_a_call_is_tried_again_after_waits_whose_bound_doubles() -> None:
    engine = Engine(3)
    assert await engine.call() == "done"
    assert engine.waits == [0.1, 0.2, 0.3]


async def test_the_last_error_is_raised_after_the_last_attempt() -> None:
    engine = Engine(9)
    with pytest.raises(Unavailable, match="failure 4"):
        await engine.call()
    assert (engine.calls, len(engine.waits)) == (4, 3)


async def test_other_errors_are_raised_at_once() -> None:
    engine = Engine(1, ValueError)
    with pytest.raises(ValueError, match="failure 1"):
        await engine.call()
    assert (engine.calls, engine.waits) == (1, [])


async def test_no_attempt_begins_after_the_deadline() -> None:
    engine = Engine(9)
    with pytest.raises(Unavailable, match="failure 2"):
        await engine.call(Retries(attempts_max=9, wait_min_ms=100, wait_max_ms=10_000, deadline_ms=150))
    assert engine.waits == [0.1]


async def test_a_cancellation_is_not_tried_again() -> None:
    calls = 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await RULES.call(work, lambda error: True)
    assert calls == 1


def test_a_backoff_grows_to_its_bound_and_begins_anew() -> None:
    backoff = Backoff(wait_min_ms=100, wait_max_ms=300, uniform=_most)
    assert backoff.first
    assert [backoff.next_ms() for _ in range(4)] == [100, 200, 300, 300]
    assert not backoff.first
    backoff.reset()
    assert backoff.first
    assert backoff.next_ms() == 100


def test_waits_are_spread_over_the_whole_of_their_bound() -> None:
    waits = [Backoff(wait_min_ms=1_000, wait_max_ms=1_000).next_ms() for _ in range(500)]
    assert min(waits) < 100
    assert max(waits) > 900
    assert max(waits) <= 1_000
