"""Typed subscriptions: an event whose data does not match its type becomes a dead letter, on every bus."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
import pytest

from renga.kernel.events import Event, decode
from renga.kernel.facts import Fact
from renga.platform.bus.port import Bus
from renga.platform.bus.subscribing import Heard, subscribe
from tests.ports.bus_tools import consuming, dead, declared, equal
from tests.support import eventually


class ThingFact(Fact, frozen=True, kw_only=True):
    DOMAIN: ClassVar[str] = "thing"


class ThingMade(ThingFact, frozen=True, kw_only=True):
    thing_id: str
    parts: int


class ThingLost(ThingFact, frozen=True, kw_only=True):
    thing_id: str


class Listener:
    """A handler that remembers the facts that it got."""

    def __init__(self) -> None:
        self.heard: list[Heard[Any]] = []

    async def __call__(self, heard: Sequence[Heard[Any]]) -> None:
        self.heard += heard

    @property
    def facts(self) -> list[Fact]:
        return [one.fact for one in self.heard]


def event(number: int, data: dict[str, Any], type: str = ThingMade.TYPE) -> Event:
    return Event(id=f"e{number}", source="renga/thing", type=type, subject="t1", time="2026-11-22T16:00:00.000Z",
                 sequence=number, data=data)  # fmt: skip


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("a member is missing", {"thing_id": "t1"}),
    ("a member has another type", {"thing_id": "t1", "parts": "three"}),
    ("a member is null", {"thing_id": None, "parts": 3}),
    ("there is nothing", {}),
]


@pytest.mark.parametrize("data", [data for _, data in MALFORMED], ids=[name for name, _ in MALFORMED])
async def test_a_malformed_fact_becomes_a_dead_letter_that_no_handler_saw(bus: Bus, data: dict[str, Any]) -> None:
    listener = Listener()
    consumer = subscribe(ThingMade, listener, name="test.facts", attempts_max=2, retry_wait_ms=1)
    await bus.declare(consumer)
    good = {"thing_id": "t1", "parts": 3}
    for number, told in enumerate((good, data, good), 1):
        await bus.publish([event(number, told)])
    async with consuming(bus, consumer):
        await eventually(lambda: equal(lambda: len(listener.heard), 2))
        await eventually(lambda: dead(bus, "test.facts", 1))
    assert [one.event.sequence for one in listener.heard] == [1, 3]
    assert listener.facts == [ThingMade(thing_id="t1", parts=3)] * 2
    (letter,) = await bus.dead_letters("test.facts")
    assert letter.reason.startswith("FactInvalid: e2 (thing.ThingMade)")
    assert letter.attempts == 2
    assert decode(letter.body) == event(2, data)


async def test_malformed_facts_of_one_batch_do_not_take_the_others_with_them(bus: Bus) -> None:
    listener = Listener()
    consumer = subscribe(
        [ThingMade, ThingLost], listener, name="test.mixed", attempts_max=1, batch_wait_ms=200, retry_wait_ms=1
    )
    await declared(bus, consumer)
    for number in range(1, 11):
        if number % 5 == 0:
            await bus.publish([event(number, {"thing_id": number}, ThingLost.TYPE)])
        elif number % 2:
            await bus.publish([event(number, {"thing_id": "t1", "parts": number, "unknown": [1]})])
        else:
            await bus.publish([event(number, {"thing_id": "t1"}, ThingLost.TYPE)])
    async with consuming(bus, consumer):
        await eventually(lambda: equal(lambda: len(listener.heard), 8))
        await eventually(lambda: dead(bus, "test.mixed", 2))
    assert [one.event.sequence for one in listener.heard] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert listener.facts[:2] == [ThingMade(thing_id="t1", parts=1), ThingLost(thing_id="t1")]
    letters = await bus.dead_letters("test.mixed")
    assert [decode(letter.body).sequence for letter in letters] == [5, 10]
    assert all(isinstance(one.fact, msgspec.Struct) for one in listener.heard)
