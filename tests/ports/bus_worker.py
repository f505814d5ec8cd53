"""A consumer in a process of its own, to be killed: appends ``<worker> <subject> <sequence>`` per event to a file."""

import asyncio
import os
import sys
from collections.abc import Sequence

from renga.kernel.events import Event
from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Consumer

BATCH_MAX = 20


async def main(url: str, name: str, worker: str, path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def write(events: Sequence[Event]) -> None:
        for event in events:
            os.write(file, f"{worker} {event.subject} {event.sequence}\n".encode())
        await asyncio.sleep(0.02)  # so that a kill finds it in the middle of a batch

    bus = make_bus(url)
    await bus.start()
    await bus.consume(Consumer(name=name, patterns=("cart.*",), handler=write, batch_max=BATCH_MAX))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
