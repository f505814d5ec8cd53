"""The contract of the event bus: every engine of this machine passes the same tests."""

import asyncio
from collections import Counter

import pytest

from renga.kernel.events import Event
from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Bus, BusUnavailable, Consumer
from renga.platform.settings import SettingsInvalid
from tests.ports.bus_tools import Collector, consuming, declared, equal, event, has
from tests.support import eventually


async def test_a_consumer_that_was_declared_and_then_away_gets_every_event_in_order(bus: Bus, bus_url: str) -> None:
    inbox = Collector()
    consumer = Consumer(name="test.away", patterns=("cart.*",), handler=inbox)
    await bus.declare(consumer)
    sent = [event(n) for n in range(250)]
    for one in sent[:10]:
        await bus.publish([one])
    await bus.publish(sent[10:])
    other = make_bus(bus_url)
    await other.start()
    async with consuming(other, consumer):
        await eventually(lambda: has(inbox, 250))
    await other.close()
    assert inbox.events[:10] == sent[:10]
    assert Counter(e.id for e in inbox.events) == Counter(e.id for e in sent)
    assert max(len(batch) for batch in inbox.batches) <= consumer.batch_max


async def test_a_bus_that_runs_answers_a_ping_and_may_be_closed_twice(bus: Bus) -> None:
    assert await bus.ping() is None  # type: ignore[func-returns-value]  # returning at all is the answer
    await bus.close()
    await bus.close()
    with pytest.raises(BusUnavailable):
        await bus.ping()


async def test_an_event_arrives_as_it_was_published(bus: Bus) -> None:
    inbox = Collector()
    sent = Event(
        id="0190-é",
        source="renga/cart",
        type="cart.CartUpdated",
        subject="c-9",
        time="2026-11-22T16:00:00.123Z",
        data={"note": "coração ♥", "nested": {"amounts": [1, 2.5, None, True]}},
        sequence=9_007_199_254_740_991,
        dataversion="2",
    )
    async with consuming(bus, await declared(bus, Consumer(name="test.same", patterns=("#",), handler=inbox))):
        await bus.publish([sent])
        await eventually(lambda: has(inbox, 1))
    assert inbox.events == [sent]


async def test_two_consumers_each_get_every_event(bus: Bus) -> None:
    one, two = Collector(), Collector()
    first = await declared(bus, Consumer(name="test.one", patterns=("cart.*",), handler=one))
    second = await declared(bus, Consumer(name="test.two", patterns=("cart.*",), handler=two))
    async with consuming(bus, first), consuming(bus, second):
        for n in range(5):
            await bus.publish([event(n)])
        await eventually(lambda: has(one, 5))
        await eventually(lambda: has(two, 5))
    assert one.events == two.events == [event(n) for n in range(5)]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("#",), ["cart.CartCreated", "catalog.PriceChanged", "catalog.ProductUpdated"]),
        (("catalog.*",), ["catalog.PriceChanged", "catalog.ProductUpdated"]),
        (("*.PriceChanged", "cart.CartCreated"), ["cart.CartCreated", "catalog.PriceChanged"]),
        (("catalog.PriceChanged",), ["catalog.PriceChanged"]),
        (("orders.#",), []),
    ],
)
async def test_patterns_choose_events_by_routing_key(bus: Bus, patterns: tuple[str, ...], expected: list[str]) -> None:
    inbox, everything = Collector(), Collector()
    consumer = await declared(bus, Consumer(name="test.some", patterns=patterns, handler=inbox))
    witness = await declared(bus, Consumer(name="test.witness", patterns=("#",), handler=everything))
    types = ["cart.CartCreated", "catalog.PriceChanged", "catalog.ProductUpdated"]
    await bus.publish([event(1, type=type) for type in types])
    async with consuming(bus, consumer), consuming(bus, witness):
        await eventually(lambda: has(everything, 3))
        await eventually(lambda: has(inbox, len(expected)))
        await asyncio.sleep(0)
    assert sorted(e.type for e in inbox.events) == expected


async def test_events_of_a_domain_that_nobody_knew_are_kept_for_a_consumer_of_everything(bus: Bus) -> None:
    inbox = Collector()
    consumer = await declared(bus, Consumer(name="test.later", patterns=("#",), handler=inbox))
    await bus.publish([event(n, type="returns.ParcelReceived") for n in range(3)])
    async with consuming(bus, consumer):
        await eventually(lambda: has(inbox, 3))
    assert [e.type for e in inbox.events] == ["returns.ParcelReceived"] * 3


async def test_publishing_to_nobody_is_no_error(bus: Bus) -> None:
    await bus.publish([event(n, type="orphans.Born") for n in range(20)])
    inbox = Collector()
    async with consuming(bus, await declared(bus, Consumer(name="test.new", patterns=("cart.*",), handler=inbox))):
        await bus.publish([event(1)])
        await eventually(lambda: has(inbox, 1))
    assert inbox.events == [event(1)]


async def test_every_tail_sees_every_event_from_now_on(bus: Bus, bus_url: str) -> None:
    other = make_bus(bus_url)
    await other.start()
    await bus.publish([event(0)])
    seen: list[list[int]] = [[], []]

    async def follow(which: Bus, into: list[int]) -> None:
        async for one in which.tail(["cart.*"]):
            into.append(one.sequence)

    tails = [asyncio.create_task(follow(bus, seen[0])), asyncio.create_task(follow(other, seen[1]))]
    probe = 0

    async def both_look() -> bool:
        nonlocal probe
        probe += 1
        await bus.publish([event(probe)])
        return all(seen)

    await eventually(both_look)
    for n in range(1_000, 1_010):
        await bus.publish([event(n), event(n, type="catalog.PriceChanged")])
    for into in seen:
        await eventually(lambda into=into: equal(lambda: into[-10:], list(range(1_000, 1_010))))  # type: ignore[misc]  # bound now
        assert 0 not in into
        assert into == sorted(set(into))
    for tail in tails:
        tail.cancel()
    await asyncio.wait(tails)
    await other.close()


def test_an_unknown_scheme_is_refused_by_name() -> None:
    with pytest.raises(SettingsInvalid, match=r"kafka.*amqp://, amqps://, redis://"):
        make_bus("kafka://127.0.0.1")
