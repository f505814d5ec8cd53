"""One message with two events reaches consumers of either type and of both: the same on every bus."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from renga.kernel.events import Event, decode, events_of
from renga.platform.bus.port import Bus, Consumer
from tests.ports.bus_tools import Collector, consuming, dead, declared, equal, event, has, pair
from tests.support import eventually

SPECIFIC, DERIVED = "cart.ItemAddedToCart", "cart.CartUpdated"
SENT = [pair(1), event(2, type=DERIVED), pair(3), event(4, type="cart.CartCreated")]
BOTH = [one for message in SENT[:3] for one in events_of(message)]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((DERIVED,), [one for one in BOTH if one.type == DERIVED]),
        ((SPECIFIC,), [one for one in BOTH if one.type == SPECIFIC]),
        ((DERIVED, SPECIFIC), BOTH),
        (("cart.*",), [*BOTH, SENT[3]]),
        (("#", "cart.*", DERIVED), [*BOTH, SENT[3]]),
    ],
)
async def test_a_listener_gets_the_types_it_asks_for_in_order_and_once(
    bus: Bus, patterns: tuple[str, ...], expected: list[Event]
) -> None:
    inbox = Collector()
    consumer = await declared(bus, Consumer(name="test.also", patterns=patterns, handler=inbox))
    for one in SENT:
        await bus.publish([one])
    async with consuming(bus, consumer):
        await eventually(lambda: has(inbox, len(expected)))
        await bus.publish([pair(5)])
        await eventually(lambda: has(inbox, len(expected) + 1))
    assert inbox.events[: len(expected)] == expected
    assert {one.sequence for one in inbox.events[len(expected) :]} == {5}
    ids = Counter(one.id for one in inbox.events)
    assert set(ids.values()) == {1}
    if DERIVED in patterns:
        assert f"{SPECIFIC}:c1:1:updated" in ids


async def test_a_reader_to_whom_one_event_per_message_is_enough_gets_the_first_that_it_asks_for(bus: Bus) -> None:
    first, derived = Collector(), Collector()
    one = await declared(bus, Consumer(name="test.first", patterns=("cart.*",), handler=first, also=False))
    two = await declared(bus, Consumer(name="test.derived", patterns=(DERIVED,), handler=derived, also=False))
    for number in (1, 2):
        await bus.publish([pair(number)])
    async with consuming(bus, one), consuming(bus, two):
        await eventually(lambda: has(first, 2))
        await eventually(lambda: has(derived, 2))
    assert [(e.type, e.sequence) for e in first.events] == [(SPECIFIC, 1), (SPECIFIC, 2)]
    assert [(e.type, e.sequence) for e in derived.events] == [(DERIVED, 1), (DERIVED, 2)]


@pytest.mark.parametrize("batch_max", [1, 3])
async def test_a_call_of_the_handler_holds_no_more_events_than_it_may(bus: Bus, batch_max: int) -> None:
    inbox = Collector()
    consumer = Consumer(name="test.small", patterns=("cart.*",), handler=inbox, batch_max=batch_max)
    sent = [pair(number) for number in range(7)]
    await bus.declare(consumer)
    for one in sent:
        await bus.publish([one])
    async with consuming(bus, consumer):
        await eventually(lambda: has(inbox, 14))
    assert inbox.events == [one for message in sent for one in events_of(message)]
    assert max(map(len, inbox.batches)) <= batch_max


@pytest.mark.parametrize("refused", [SPECIFIC, DERIVED])
async def test_when_one_of_two_keeps_failing_the_other_is_handled_once_and_the_message_dies_once(
    bus: Bus, refused: str
) -> None:
    alone: Counter[str] = Counter()
    handled: list[str] = []

    async def handle(events: Sequence[Event]) -> None:
        if len(events) == 1:
            alone[events[0].id] += 1
        if any(one.type == refused and one.sequence == 1 for one in events):
            raise ValueError("not this one")
        handled.extend(one.id for one in events)

    consumer = Consumer(name="test.half", patterns=("cart.*",), handler=handle, attempts_max=3, retry_wait_ms=5)
    await bus.declare(consumer)
    for number in (1, 2):
        await bus.publish([pair(number)])
    of = {number: [one.id for one in events_of(pair(number))] for number in (1, 2)}
    bad, good = (of[1][0], of[1][1]) if refused == SPECIFIC else (of[1][1], of[1][0])
    async with consuming(bus, consumer):
        await eventually(lambda: equal(lambda: handled, [good, *of[2]]))
        await eventually(lambda: dead(bus, "test.half", 1))
    assert alone[bad] == 3
    assert alone[good] == 1
    (letter,) = await bus.dead_letters("test.half")
    assert (letter.reason, letter.attempts) == ("ValueError: not this one", 3)
    assert decode(letter.body) == pair(1)
    again = Collector()
    async with consuming(bus, Consumer(name="test.half", patterns=("cart.*",), handler=again)):
        await bus.publish([event(9)])
        await eventually(lambda: has(again, 1))
    assert again.events == [event(9)]  # nothing of the settled messages came again


async def test_a_message_whose_second_half_was_interrupted_comes_again_whole_with_the_ids_it_had(bus: Bus) -> None:
    first: list[str] = []
    reached = asyncio.Event()

    async def stop_at_the_second(events: Sequence[Event]) -> None:
        first.extend(one.id for one in events)
        if events[-1].type == DERIVED:
            reached.set()
            await asyncio.sleep(60)

    consumer = Consumer(name="test.between", patterns=("cart.*",), handler=stop_at_the_second, batch_max=1)
    await bus.declare(consumer)
    await bus.publish([pair(1)])
    async with consuming(bus, consumer):
        async with asyncio.timeout(10):
            await reached.wait()
    inbox = Collector()
    async with consuming(bus, Consumer(name="test.between", patterns=("cart.*",), handler=inbox)):
        await eventually(lambda: has(inbox, 2))
    assert first == [one.id for one in inbox.events] == [f"{SPECIFIC}:c1:1", f"{SPECIFIC}:c1:1:updated"]


@pytest.mark.parametrize("patterns", [(DERIVED,), ("cart.*",)])
async def test_a_tail_sees_the_types_it_asks_for(bus: Bus, patterns: tuple[str, ...]) -> None:
    seen: list[Event] = []

    async def follow() -> None:
        async for one in bus.tail(patterns):
            seen.append(one)

    tail = asyncio.create_task(follow())

    async def looks() -> bool:
        await bus.publish([event(0, type=DERIVED)])
        return bool(seen)

    await eventually(looks)
    await bus.publish([pair(7)])
    expected = [one for one in events_of(pair(7)) if one.type in patterns or patterns == ("cart.*",)]
    await eventually(lambda: equal(lambda: [one for one in seen if one.sequence == 7], expected))
    tail.cancel()
    await asyncio.wait((tail,))
