"""Listens to a shop's events from a program of your own: `listen.py amqp://127.0.0.1:5672 crm cart`, or `redis://…`.

Instead of the URL, name a file that holds it if it has a password: other users of the machine may list arguments.
The name is the listener's own: what happens while it is away waits for it. A domain is heard whole; add your own choice.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aio_pika
from redis.asyncio import Redis
from redis.exceptions import ResponseError

EXCHANGE = "renga.events"
BATCH_MAX = 100
BLOCK_MS = 5_000

#: Gets one CloudEvent. It may come twice: keep the ids that you have handled, in the transaction of what you do.
Handler = Callable[[dict[str, Any]], Awaitable[None]]


def events_of(message: bytes) -> Iterator[dict[str, Any]]:
    """The event of a message, and the second one that it may carry in `also`."""
    event = json.loads(message)
    second = event.pop("also", None)
    yield event
    if second is not None:
        told = json.loads(second)
        yield event | {"id": f"{event['id']}:{told['suffix']}", "type": told["type"], "data": told["data"]}


async def listen_amqp(url: str, name: str, domain: str, handle: Handler) -> None:
    """A durable queue of our own, bound to the domain; an event is acknowledged when it is handled."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=BATCH_MAX)
        queue = await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
        await queue.bind(EXCHANGE, f"{domain}.*")
        async with queue.iterator() as messages:
            async for message in messages:
                async with message.process(requeue=True):
                    for event in events_of(message.body):
                        await handle(event)


async def listen_redis(url: str, name: str, domain: str, handle: Handler) -> None:
    """A consumer group of our own on the domain's stream: first what was left unacknowledged, then what is new."""
    stream = f"bus:{{{domain}}}"
    async with Redis.from_url(url, socket_timeout=2 * BLOCK_MS / 1_000) as redis:  # longer than an answer may wait
        try:
            await redis.xgroup_create(stream, name, id="$", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):  # it is there since the last time
                raise
        last = "0"
        while True:
            found = await redis.xreadgroup(name, "listener", {stream: last}, count=BATCH_MAX, block=BLOCK_MS)
            entries = found[0][1] if found else []
            for entry_id, fields in entries:
                for event in events_of(fields[b"event"]):
                    await handle(event)
                await redis.xack(stream, name, entry_id)
            if not entries:
                last = ">"


async def listen(url: str, name: str, domain: str, handle: Handler) -> None:
    """Until cancelled, or until the bus is away."""
    await (listen_amqp if url.startswith("amqp") else listen_redis)(url, name, domain, handle)


async def _print(event: dict[str, Any]) -> None:
    print(event["time"], event["type"], event["subject"], json.dumps(event["data"], ensure_ascii=False), flush=True)


if __name__ == "__main__":
    where, *rest = sys.argv[1:4]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(listen(where if "://" in where else Path(where).read_text().strip(), *rest, _print))
