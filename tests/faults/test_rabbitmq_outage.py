"""RabbitMQ goes away and comes back: events pile up in the outbox meanwhile, then every one arrives, in order."""

import asyncio
from collections import defaultdict
from typing import Any

import pytest

from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import BusUnavailable, Consumer
from renga.platform.outbox.relay import Relay
from tests.platform.outbox_tools import Holding, MemoryOutbox
from tests.ports.bus_tools import Collector, consuming, event, registered
from tests.support import eventually

SUBJECTS = [f"c{n}" for n in range(5)]


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_every_event_of_an_outage_arrives_afterwards_in_order(start_engine: Any, how: str) -> None:
    engine = start_engine("rabbitmq")
    publisher, reader, inbox = make_bus(engine.url), make_bus(engine.url), Collector()
    await publisher.start()
    await reader.start()
    consumer = Consumer(name="test.outage", patterns=("cart.*",), handler=inbox)
    await reader.declare(consumer)
    box = MemoryOutbox("cart:1")
    relaying = asyncio.create_task(Relay({box.name: box}, publisher, Holding(box.name)).run())
    async with consuming(reader, consumer):
        _add(box, range(1, 21))
        await eventually(lambda: _arrived(inbox, 100))
        await eventually(lambda: registered(engine, "test.outage"))
        await asyncio.to_thread(getattr(engine, how))
        _add(box, range(21, 61))
        with pytest.raises(BusUnavailable):
            await publisher.ping()
        assert len(box.waiting) >= 200
        restarting = asyncio.create_task(asyncio.to_thread(engine.restart))
        _add(box, range(61, 81))
        await restarting
        await eventually(lambda: _arrived(inbox, 400), timeout_s=30)
    relaying.cancel()
    await asyncio.wait((relaying,))
    await publisher.close()
    await reader.close()
    assert box.waiting == []
    order: defaultdict[str, list[int]] = defaultdict(list)
    for one in inbox.events:
        if one.sequence not in order[one.subject]:
            order[one.subject].append(one.sequence)
    assert order == {subject: list(range(1, 81)) for subject in SUBJECTS}


def _add(box: MemoryOutbox, numbers: range) -> None:
    box.add(event(number, subject=subject) for number in numbers for subject in SUBJECTS)


async def _arrived(inbox: Collector, count: int) -> bool:
    return len({one.id for one in inbox.events}) >= count
