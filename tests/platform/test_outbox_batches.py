"""What a batch of the relay costs its neighbours, counted in calls, and what a batch that breaks off leaves behind."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from renga.kernel.errors import Unavailable
from renga.platform.outbox.pace import FULL, FULL_OF_ONE, GATHER_MAX_MS, GATHER_MIN_MS, gather_ms
from renga.platform.outbox.port import Pending
from renga.platform.outbox.relay import Relay
from tests.platform.outbox_tools import Holding, MemoryOutbox, ScriptedBus, ids, story
from tests.support import eventually

NAMES = [f"cart:{n}" for n in range(64)]


class MemoryGroup:
    """Outboxes in memory that are read and trimmed together; each call is kept with its names."""

    def __init__(self, *names: str) -> None:
        self.boxes = {name: MemberOutbox(name, self) for name in names}
        self.reads: list[list[str]] = []
        self.trims: list[list[str]] = []
        self.away = self.trims_away = False

    async def read(self, names: Sequence[str], limit: int) -> Mapping[str, Sequence[Pending]]:
        self.reads.append(list(names))
        if self.away:
            raise Unavailable("the server is away")
        return {name: self.boxes[name].waiting[:limit] for name in names if self.boxes[name].waiting}

    async def trim(self, positions: Mapping[str, Sequence[str]]) -> None:
        self.trims.append(sorted(positions))
        if self.trims_away:
            raise Unavailable("the server went away")
        for name, some in positions.items():
            await MemoryOutbox.trim(self.boxes[name], some)

    @property
    def waiting(self) -> list[str]:
        return ids(pending.event for box in self.boxes.values() for pending in box.waiting)


class MemberOutbox(MemoryOutbox):
    def __init__(self, name: str, group: MemoryGroup) -> None:
        super().__init__(name)
        self.group = group

    async def read(self, limit: int) -> Sequence[Pending]:
        raise AssertionError("the group is read")

    async def trim(self, positions: Sequence[str]) -> None:
        raise AssertionError("the group is trimmed")


class HeldNews:
    """News of these names that never come."""

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)
        self.asked: list[frozenset[str]] = []

    async def wait(self, names: Collection[str]) -> bool:
        self.asked.append(frozenset(names))
        await asyncio.Event().wait()
        return False


def relay_of(group: MemoryGroup, bus: Any, *others: MemoryOutbox, **options: Any) -> Relay:
    boxes = {**group.boxes, **{box.name: box for box in others}}
    return Relay(boxes, bus, Holding(*boxes), **options)


async def test_a_batch_of_many_outboxes_of_one_server_is_one_read_one_publish_and_one_trim() -> None:
    group, bus = MemoryGroup(*NAMES), ScriptedBus()
    for n, box in enumerate(group.boxes.values()):
        box.add(story(f"c{n}", 1) if n % 2 else ())
    assert await relay_of(group, bus).step() == 32
    assert [len(names) for names in group.reads] == [64]
    assert [len(names) for names in group.trims] == [32]
    assert len(bus.calls) == 1
    assert group.waiting == []


async def test_a_server_that_is_away_does_not_hold_up_an_outbox_elsewhere_and_loses_nothing() -> None:
    group, bus, other = MemoryGroup("cart:1", "cart:2"), ScriptedBus(), MemoryOutbox("catalog", story("p", 1))
    group.boxes["cart:2"].add(story("a", 1))
    group.away = True
    relay = relay_of(group, bus, other)
    assert await relay.step() == 1
    group.away = False
    assert await relay.step() == 1
    assert ids(bus.accepted) == ["p1", "a1"]


async def test_a_batch_that_was_published_and_not_trimmed_comes_again_in_order() -> None:
    group, bus = MemoryGroup("cart:1", "cart:2"), ScriptedBus()
    group.boxes["cart:1"].add(story("a", 1, 2))
    group.boxes["cart:2"].add(story("b", 1))
    group.trims_away = True
    assert await relay_of(group, bus).step() == 3
    group.trims_away = False
    assert await relay_of(group, bus).step() == 3  # another worker, after the first was killed
    assert ids(bus.accepted) == ["a1", "b1", "a2"] * 2
    assert group.waiting == []


async def test_a_relay_that_dies_between_read_and_confirm_leaves_the_whole_batch() -> None:
    class HangingBus(ScriptedBus):
        async def publish(self, events: Any) -> None:
            await asyncio.Event().wait()

    group = MemoryGroup("cart:1", "cart:2")
    group.boxes["cart:1"].add(story("a", 1, 2))
    group.boxes["cart:2"].add(story("b", 1))
    step = asyncio.create_task(relay_of(group, HangingBus()).step())
    await asyncio.sleep(0.01)
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    assert group.waiting == ["a1", "a2", "b1"]
    bus = ScriptedBus()
    assert await relay_of(group, bus).step() == 3
    assert ids(bus.accepted) == ["a1", "b1", "a2"]


async def test_only_outboxes_that_may_have_news_are_read() -> None:
    group, bus, news = MemoryGroup("cart:1"), ScriptedBus(), HeldNews("catalog", "identity")
    quiet = [MemoryOutbox("catalog"), MemoryOutbox("identity")]
    running = asyncio.create_task(relay_of(group, bus, *quiet, news=[news]).run())
    await eventually(lambda: _is(lambda: news.asked, [news.names]))
    before, reads = [box.reads for box in quiet], len(group.reads)
    for number in range(1, 6):
        group.boxes["cart:1"].add(story("a", number))
        await eventually(lambda: _is(lambda: group.waiting, []))
    running.cancel()
    await asyncio.wait((running,))
    assert len(group.reads) >= reads + 5
    assert [box.reads for box in quiet] == before
    assert ids(bus.accepted) == ["a1", "a2", "a3", "a4", "a5"]


async def test_a_lease_gained_while_the_others_are_watched_is_watched_with_them() -> None:
    class EndingNews(HeldNews):
        async def wait(self, names: Collection[str]) -> bool:
            self.asked.append(frozenset(names))
            await asyncio.sleep(0.05)
            return False

    group, news = MemoryGroup("cart:1", "cart:2"), EndingNews("cart:1", "cart:2")
    holding = Holding("cart:1")
    running = asyncio.create_task(Relay(group.boxes, ScriptedBus(), holding, news=[news]).run())  # type: ignore[arg-type]  # only publishes
    await eventually(lambda: _is(lambda: bool(news.asked), True))
    holding.names.add("cart:2")
    await eventually(lambda: _is(lambda: news.asked[-1], frozenset({"cart:1", "cart:2"})))
    running.cancel()
    await asyncio.wait((running,))


@pytest.mark.parametrize(
    ("counts", "wait_ms"),
    [
        ([1], GATHER_MIN_MS),
        ([1] * 9, GATHER_MIN_MS),
        ([1] * 10, GATHER_MAX_MS),
        ([40, 50], GATHER_MAX_MS),
        ([FULL_OF_ONE], 0),
        ([50] * (FULL // 50), 0),
    ],
)
def test_events_gather_between_batches_unless_more_are_waiting(counts: list[int], wait_ms: int) -> None:
    assert gather_ms(counts) == wait_ms


async def _is(actual: Any, expected: Any) -> bool:
    return bool(actual() == expected)
