"""The relay: order per subject, trimmed only after the confirm, calm while the bus or an outbox is away."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.platform.bus.port import BusUnavailable
from renga.platform.outbox.port import Pending
from renga.platform.outbox.relay import Relay
from renga.platform.outbox.waves import waves
from tests.platform.outbox_tools import Holding, MemoryOutbox, ScriptedBus, ids, story
from tests.support import eventually


def _relay(bus: Any, *outboxes: MemoryOutbox, held: Holding | None = None, **options: Any) -> Relay:
    holding = held or Holding(*(box.name for box in outboxes))
    return Relay({box.name: box for box in outboxes}, bus, holding, **options)


async def test_one_pass_publishes_the_kth_event_of_every_subject_together() -> None:
    box = MemoryOutbox("cart:1", [*story("a", 1, 2), *story("b", 1), *story("a", 3)])
    bus = ScriptedBus()
    assert await _relay(bus, box).step() == 4
    assert bus.calls == [
        ["cart.ItemAddedToCart:a:1", "cart.ItemAddedToCart:b:1"],
        ["cart.ItemAddedToCart:a:2"],
        ["cart.ItemAddedToCart:a:3"],
    ]
    assert box.waiting == []


async def test_small_batches_of_many_outboxes_leave_in_one_call() -> None:
    boxes = [MemoryOutbox(f"cart:{n}", story(f"c{n}", 1)) for n in range(64)]
    bus = ScriptedBus()
    assert await _relay(bus, *boxes).step() == 64
    assert len(bus.calls) == 1
    assert all(box.waiting == [] for box in boxes)


async def test_a_wave_that_fails_stops_the_batch_and_only_the_confirmed_are_trimmed() -> None:
    box = MemoryOutbox("cart:1", [*story("a", 1, 2, 3), *story("b", 1, 2)])
    bus = ScriptedBus(None, {"cart.ItemAddedToCart:b:2"})
    relay = _relay(bus, box)
    with pytest.raises(BusUnavailable):
        await relay.step()
    assert ids(bus.accepted) == ["a1", "b1", "b2"]
    assert ids(pending.event for pending in box.waiting) == ["a2", "a3"]
    assert await relay.step() == 2
    assert ids(bus.accepted) == ["a1", "b1", "b2", "a2", "a3"]
    assert box.waiting == []


async def test_a_bus_that_is_away_costs_no_event_and_gets_them_in_order_when_it_is_back() -> None:
    box = MemoryOutbox("cart:1", story("a", 1, 2, 3))
    bus = ScriptedBus(set(), set(), set())
    running = asyncio.create_task(_relay(bus, box).run())
    await eventually(lambda: _is(lambda: box.waiting, []))
    running.cancel()
    await asyncio.wait((running,))
    assert ids(bus.accepted) == ["a1", "a2", "a3"]
    assert len(bus.calls) == 6


async def test_an_outbox_that_is_away_does_not_hold_up_the_others() -> None:
    well, ill = MemoryOutbox("cart:1", story("a", 1)), MemoryOutbox("catalog", story("p", 1))
    ill.away = True
    bus = ScriptedBus()
    relay = _relay(bus, well, ill)
    assert await relay.step() == 1
    ill.away = False
    assert await relay.step() == 1
    assert ids(bus.accepted) == ["a1", "p1"]


async def test_outboxes_without_a_lease_are_left_alone() -> None:
    mine, theirs = MemoryOutbox("cart:1", story("a", 1)), MemoryOutbox("cart:2", story("b", 1))
    bus = ScriptedBus()
    assert await _relay(bus, mine, theirs, held=Holding("cart:1", "cart:99")).step() == 1
    assert theirs.reads == 0
    assert ids(pending.event for pending in theirs.waiting) == ["b1"]


async def test_a_lease_lost_between_two_waves_keeps_the_rest_back() -> None:
    box = MemoryOutbox("cart:1", story("a", 1, 2))
    held = Holding("cart:1")

    class LosingBus(ScriptedBus):
        async def publish(self, events: Any) -> None:
            await super().publish(events)
            held.names.clear()

    bus = LosingBus()
    assert await _relay(bus, box, held=held).step() == 1
    assert ids(bus.accepted) == ["a1"]
    assert ids(pending.event for pending in box.waiting) == ["a2"]


async def test_an_idle_relay_is_woken_at_once() -> None:
    box = MemoryOutbox("cart:1")
    bus = ScriptedBus()
    relay = _relay(bus, box, idle_wait_min_ms=60_000, idle_wait_max_ms=60_000)
    running = asyncio.create_task(relay.run())
    await eventually(lambda: _is(lambda: box.reads, 1))
    box.add(story("a", 1))
    relay.wake()
    await eventually(lambda: _is(lambda: box.waiting, []))
    running.cancel()
    await asyncio.wait((running,))
    assert ids(bus.accepted) == ["a1"]


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_waves_keep_every_subject_in_order_and_never_hold_one_twice(subjects: list[str]) -> None:
    waiting = [("cart:1", Pending(str(n), story(subject, n)[0])) for n, subject in enumerate(subjects)]
    split = waves(waiting)
    for wave in split:
        names = [pending.event.subject for _, pending in wave]
        assert len(names) == len(set(names))
    flat = [pending.event for wave in split for _, pending in wave]
    for subject in "abc":
        numbers = [n for n, name in enumerate(subjects) if name == subject]
        assert [one.sequence for one in flat if one.subject == subject] == numbers


async def _is(actual: Any, expected: Any) -> bool:
    return bool(actual() == expected)
