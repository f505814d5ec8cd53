"""Events, collecting handlers and running consumers for the tests of the bus."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from renga.kernel.events import Also, Event
from renga.platform.bus.port import Bus, Consumer


def event(number: int, *, type: str = "cart.ItemAddedToCart", subject: str = "c1") -> Event:
    return Event(
        id=f"{type}:{subject}:{number}",
        source=f"renga/{type.partition('.')[0]}",
        type=type,
        subject=subject,
        time="2026-11-22T16:00:00.000Z",
        sequence=number,
        data={"number": number},
    )


def pair(number: int, *, type: str = "cart.ItemAddedToCart") -> Event:
    """A record that also says ``cart.CartUpdated``."""
    also = Also(type="cart.CartUpdated", suffix="updated", data={"change": number})
    return msgspec.structs.replace(event(number, type=type), also=also)


class Collector:
    """A handler that remembers what it got, and in which batches."""

    def __init__(self) -> None:
        self.batches: list[list[Event]] = []

    async def __call__(self, events: Sequence[Event]) -> None:
        self.batches.append(list(events))

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]


@contextlib.asynccontextmanager
async def consuming(bus: Bus, consumer: Consumer) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(bus.consume(consumer))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def registered(engine: Any, queue: str) -> bool:
    """Whether a lone RabbitMQ node still knows a new quorum queue after a kill -9.

    Ra keeps its list of queues in a dets file that is closed properly (third word of the header) about a second later;
    a node that is killed before that has forgotten the queue. The other nodes of a cluster would still know it.
    """
    lists = [found.read_bytes() for found in engine.folder.rglob("quorum/*/names.dets")]
    return any(queue.encode() in known and known[8:12] == b"\0\0\0\1" for known in lists)


async def declared(bus: Bus, consumer: Consumer) -> Consumer:
    await bus.declare(consumer)
    return consumer


async def has(inbox: Collector, count: int) -> bool:
    return len(inbox.events) >= count


async def equal(actual: Any, expected: Any) -> bool:
    return bool(actual() == expected)


async def dead(bus: Bus, consumer: str, count: int) -> bool:
    return len(await bus.dead_letters(consumer)) == count
