"""The short memory: bounded, with two ages, one load at a time, and nothing kept that was forgotten meanwhile."""

import asyncio
from collections.abc import Sequence

import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.cache.flights import Flights
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


class Shelves:
    """A store that is asked for many; ``gate`` holds its answers back."""

    def __init__(self) -> None:
        self.values = {"a": "1", "b": "2", "c": "3"}
        self.calls: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, keys: Sequence[str]) -> dict[str, str]:
        self.calls.append(list(keys))
        found = {key: self.values[key] for key in keys if key in self.values}
        await self.gate.wait()
        return found


@pytest.fixture
def wide(clock: ManualClock) -> Remembered[str, str]:
    return Remembered(clock, size_max=10, found_ms=5_000, missing_ms=2_000)


async def test_many_are_asked_for_together_and_only_what_is_not_at_hand(wide: Remembered[str, str]) -> None:
    store = Shelves()
    assert await wide.get_many(["a", "x"], store.load, batch_max=10) == {"a": "1"}
    assert await wide.get_many(["a", "b", "x", "b"], store.load, batch_max=10) == {"a": "1", "b": "2"}
    assert store.calls == [["a", "x"], ["b"]]
    assert (wide.is_missing("x"), wide.is_missing("a"), wide.is_missing("never")) == (True, False, False)


async def test_a_batch_is_bounded(wide: Remembered[str, str]) -> None:
    store = Shelves()
    assert await wide.get_many("abc", store.load, batch_max=2) == store.values
    assert store.calls == [["a", "b"], ["c"]]


async def test_one_and_many_share_the_loads_that_are_under_way(wide: Remembered[str, str]) -> None:
    store, shelf = Shelves(), Shelf()
    store.gate.clear()
    many = asyncio.create_task(wide.get_many("ab", store.load, batch_max=10))
    await asyncio.sleep(0)
    one = asyncio.create_task(wide.get("a", shelf.load))
    more = asyncio.create_task(wide.get_many("bc", store.load, batch_max=10))
    await asyncio.sleep(0)
    store.gate.set()
    assert (await many, await one, await more) == ({"a": "1", "b": "2"}, "1", {"b": "2", "c": "3"})
    assert (store.calls, shelf.loads) == ([["a", "b"], ["c"]], 0)


async def test_of_a_batch_only_what_was_not_forgotten_meanwhile_is_kept(wide: Remembered[str, str]) -> None:
    store = Shelves()
    store.gate.clear()
    asking = asyncio.create_task(wide.get_many("ab", store.load, batch_max=10))
    await asyncio.sleep(0)
    wide.forget("a")
    store.gate.set()
    assert await asking == {"a": "1", "b": "2"}
    assert (wide.fresh("a"), wide.fresh("b")) == (None, "2")


async def test_what_was_seen_last_is_there_for_when_the_store_is_away(
    wide: Remembered[str, str], clock: ManualClock
) -> None:
    await wide.get_many("a", Shelves().load, batch_max=1)
    clock.advance(ms=9_000)
    assert (wide.fresh("a"), wide.last_seen("a", within_ms=9_000)) == (None, "1")
    assert wide.last_seen("a", within_ms=8_999) is None


async def test_a_load_that_is_cancelled_before_it_begins_is_not_waited_for_by_the_next() -> None:
    flights: Flights[str, str] = Flights()

    async def work() -> str:
        return "made"

    asking = asyncio.create_task(flights.join("a", work))
    await asyncio.sleep(0)
    flights.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await flights.join("a", work) == "made"
