"""The short memory: bounded, with two ages, one load at a time, and nothing kept that was forgotten meanwhile."""

import asyncio

import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.cache.remembering import Remembered


class Shelf:
    """A store that counts; ``gate`` holds its answers back."""

    def __init__(self) -> None:
        self.value: str | None = "v1"
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> str | None:
        self.loads += 1
        found = self.value
        await self.gate.wait()
        return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def memory(clock: ManualClock) -> Remembered[str, str]:
    return Remembered(clock, size_max=2, found_ms=5_000, missing_ms=2_000)


async def test_what_is_there_is_believed_longer_than_what_is_not(
    memory: Remembered[str, str], clock: ManualClock
) -> None:
    shelf = Shelf()
    assert await memory.get("a", shelf.load) == "v1"
    shelf.value = None
    clock.advance(ms=4_999)
    assert await memory.get("a", shelf.load) == "v1"
    clock.advance(ms=1)
    assert await memory.get("a", shelf.load) is None
    shelf.value = "v2"
    clock.advance(ms=1_999)
    assert await memory.get("a", shelf.load) is None
    clock.advance(ms=1)
    assert await memory.get("a", shelf.load) == "v2"
    assert shelf.loads == 3


async def test_a_clock_that_goes_back_does_not_lengthen_a_memory(
    memory: Remembered[str, str], clock: ManualClock
) -> None:
    shelf = Shelf()
    await memory.get("a", shelf.load)
    clock.advance(seconds=-3_600)
    await memory.get("a", shelf.load)
    assert shelf.loads == 2


async def test_the_least_recently_used_goes_first(memory: Remembered[str, str]) -> None:
    shelf = Shelf()
    for key in ("a", "b", "a", "c", "a"):
        await memory.get(key, shelf.load)
    assert (len(memory), shelf.loads) == (2, 3)
    await memory.get("b", shelf.load)
    assert shelf.loads == 4


async def test_what_is_forgotten_during_a_load_is_not_kept_from_it(memory: Remembered[str, str]) -> None:
    shelf = Shelf()
    shelf.gate.clear()
    asking = asyncio.create_task(memory.get("a", shelf.load))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert shelf.loads == 1
    memory.forget("a")
    shelf.value = "v2"
    shelf.gate.set()
    assert await asking == "v1"
    assert await memory.get("a", shelf.load) == "v2"


async def test_who_goes_away_does_not_take_the_load_of_others_along(memory: Remembered[str, str]) -> None:
    shelf = Shelf()
    shelf.gate.clear()
    first = asyncio.create_task(memory.get("a", shelf.load))
    second = asyncio.create_task(memory.get("a", shelf.load))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    shelf.gate.set()
    assert (await second, shelf.loads) == ("v1", 1)


async def test_an_error_is_not_remembered(memory: Remembered[str, str]) -> None:
    async def away() -> str | None:
        raise Unavailable("away")

    shelf = Shelf()
    with pytest.raises(Unavailable):
        await memory.get("a", away)
    assert await memory.get("a", shelf.load) == "v1"


async def test_what_is_under_way_when_everything_is_forgotten_is_not_kept(memory: Remembered[str, str]) -> None:
    shelf = Shelf()
    assert await memory.get("a", shelf.load) == "v1"
    shelf.gate.clear()
    late = asyncio.ensure_future(memory.get("b", shelf.load))
    while shelf.loads < 2:  # the load begins in a task of its own
        await asyncio.sleep(0)
    memory.clear()
    shelf.value = "v2"
    shelf.gate.set()
    assert await late == "v1"
    assert len(memory) == 0
    assert [await memory.get(key, shelf.load) for key in "ab"] == ["v2", "v2"]
