"""The loop over what is due: full batches follow each other, an outage is waited out, a fault is not hidden."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from renga.kernel.errors import Unavailable
from renga.platform.due_work import work_until_cancelled
from tests.support import eventually


class Batches:
    """What each step finds, or raises; later steps find nothing."""

    def __init__(self, *found: int | Exception) -> None:
        self.left, self.steps = list(found), 0

    async def step(self) -> int:
        self.steps += 1
        one = self.left.pop(0) if self.left else 0
        if isinstance(one, Exception):
            raise one
        return one


def reached(batches: Batches, steps: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return batches.steps >= steps

    return enough


async def _run(batches: Batches, *, idle_s: float, away_s: float, until: int) -> None:
    job = asyncio.create_task(work_until_cancelled("tests", batches.step, batch_max=10, idle_s=idle_s, away_s=away_s))
    try:
        await eventually(reached(batches, until))
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def test_full_batches_follow_each_other_and_the_first_that_is_not_full_ends_them() -> None:
    batches = Batches(10, 10, 3)
    await _run(batches, idle_s=3_600, away_s=3_600, until=3)
    assert batches.steps == 3


async def test_pauses_grow_while_nothing_is_due_and_start_again_after_something_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    async def recorded(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 6:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", recorded)
    with pytest.raises(asyncio.CancelledError):
        await work_until_cancelled("tests", Batches(0, 0, 0, 0, 3).step, batch_max=10)
    assert pauses == [4.0, 8.0, 8.0, 8.0, 2.0, 4.0]


async def test_an_outage_is_waited_out() -> None:
    batches = Batches(Unavailable("away"), 3)
    await _run(batches, idle_s=3_600, away_s=0, until=2)
    assert batches.steps == 2


async def test_any_other_error_ends_the_job() -> None:
    with pytest.raises(ValueError, match="fault"):
        await asyncio.wait_for(work_until_cancelled("tests", Batches(ValueError("fault")).step, batch_max=10), 5)
