"""Shared reads that are never older than the question: late callers share the next read."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from renga.platform.cache.following_reads import FollowingReads
from tests.support import eventually


class SlowSource:
    """A value whose read ends when the test says so; ``begun`` counts reads."""

    def __init__(self) -> None:
        self.value = 1
        self.begun = 0
        self.trouble: Exception | None = None
        self._ends: list[asyncio.Future[None]] = []

    async def read(self) -> int:
        self.begun += 1
        found, trouble = self.value, self.trouble
        end = asyncio.get_running_loop().create_future()
        self._ends.append(end)
        await end
        if trouble is not None:
            raise trouble
        return found

    def end(self, number: int) -> None:
        self._ends[number].set_result(None)


def begun(source: SlowSource, count: int) -> Callable[[], Awaitable[bool]]:
    async def seen() -> bool:
        return source.begun == count

    return seen


async def test_who_asks_during_a_read_gets_what_is_read_after_that() -> None:
    source, reads = SlowSource(), FollowingReads[str, int]()
    first = asyncio.create_task(reads.join("page", source.read))
    await eventually(begun(source, 1))
    source.value = 2
    late = [asyncio.create_task(reads.join("page", source.read)) for _ in range(10)]
    other = asyncio.create_task(reads.join("another page", source.read))
    await eventually(begun(source, 2))  # the other page waits for nobody
    source.end(0)
    await eventually(begun(source, 3))
    source.value = 3
    latest = asyncio.create_task(reads.join("page", source.read))
    source.end(1)
    source.end(2)
    await eventually(begun(source, 4))
    source.end(3)
    assert await first == 1
    assert await asyncio.gather(*late) == [2] * 10
    assert (await other, await latest, source.begun) == (2, 3, 4)


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_caller_that_leaves_stops_nobody(cancelled: int) -> None:
    source, reads = SlowSource(), FollowingReads[str, int]()
    tasks = [asyncio.create_task(reads.join("page", source.read)) for _ in range(3)]
    await eventually(begun(source, 1))
    tasks[cancelled].cancel()
    if cancelled:
        source.end(0)
    await eventually(begun(source, 2))
    source.end(1)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for place, one in enumerate(found) if place != cancelled] == [1, 1]
    assert isinstance(found[cancelled], asyncio.CancelledError)


async def test_an_error_is_that_of_the_callers_of_its_read_and_the_next_read_is_new() -> None:
    source, reads = SlowSource(), FollowingReads[str, int]()
    source.trouble = OSError("away")
    first = asyncio.create_task(reads.join("page", source.read))
    await eventually(begun(source, 1))
    source.trouble = None
    second = asyncio.create_task(reads.join("page", source.read))
    await asyncio.sleep(0)
    source.end(0)
    await eventually(begun(source, 2))
    source.end(1)
    with pytest.raises(OSError, match="away"):
        await first
    assert await second == 1
    third = asyncio.create_task(reads.join("page", source.read))
    await eventually(begun(source, 3))
    source.end(2)
    assert await third == 1
