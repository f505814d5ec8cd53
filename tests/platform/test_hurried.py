"""Reads that are not waited for: late, refused, and the moment after."""

import asyncio

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.cache.hurried import AWAY_MS, HurriedReads


class Owner:
    """Answers, hangs or refuses; ``calls`` counts."""

    def __init__(self) -> None:
        self.calls = 0
        self.hangs = self.refuses = False

    async def answer(self) -> str:
        self.calls += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.refuses:
            raise Unavailable("away")
        return "answer"


async def test_what_comes_in_time_is_answered() -> None:
    owner, reads = Owner(), HurriedReads(ManualClock())
    assert [await reads.read(owner.answer) for _ in range(2)] == ["answer", "answer"]
    assert owner.calls == 2


async def test_an_owner_that_hangs_or_refuses_is_left_alone_for_a_moment() -> None:
    for trouble in ("hangs", "refuses"):
        clock, owner = ManualClock(), Owner()
        reads = HurriedReads(clock, wait_s=0.01)
        setattr(owner, trouble, True)
        assert [await reads.read(owner.answer) for _ in range(5)] == [None] * 5
        assert owner.calls == 1
        setattr(owner, trouble, False)
        clock.advance(ms=AWAY_MS - 1)
        assert await reads.read(owner.answer) is None
        clock.advance(ms=1)
        assert await reads.read(owner.answer) == "answer"


async def test_a_clock_that_is_set_back_does_not_silence_the_owner() -> None:
    clock, owner = ManualClock(4_000_000_000_000), Owner()
    reads = HurriedReads(clock)
    owner.refuses = True
    assert await reads.read(owner.answer) is None
    owner.refuses = False
    clock.advance(seconds=-3_600)
    assert await reads.read(owner.answer) == "answer"
