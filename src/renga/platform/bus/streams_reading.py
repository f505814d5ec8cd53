"""Reads many streams as one: on one server with one blocking call, on a cluster with one reader per stream."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from renga.platform.bus.patterns import covers, named_domains
from renga.platform.bus.running import Running
from renga.platform.bus.streams_registry import Registry
from renga.platform.bus.streams_wire import FIELD, stream_key
from renga.platform.redis.driver import Client, is_cluster

#: Longest wait of one blocking read: limits how late a reader sees that its server has silently gone.
BLOCK_MS = 10_000
#: With patterns for any domain: the delay until a reader sees a new domain.
REFRESH_MS = 500
#: With patterns that name their domains there are no others to come. It still waits here and not in the task group's exit:
#: there a reader's failure would leave this task cancelled (before Python 3.12).
NAMED_REFRESH_MS = 60_000

#: The id from which each stream is read.
Positions = dict[str, str]


class StreamEntry(msgspec.Struct, frozen=True):
    """An entry of a stream; ``body`` is None if it was trimmed while pending."""

    stream: str
    id: str
    body: bytes | None


def entries(reply: Any) -> list[StreamEntry]:
    """Flatten the reply of XREAD or XREADGROUP to ``plain_replies``; the order within a stream is kept."""
    return [
        StreamEntry(name, entry_id.decode(), _body(fields))
        for stream, rows in reply or ()
        for name in (stream.decode(),)
        for entry_id, fields in rows
        if entry_id is not None
    ]


def _body(fields: Sequence[bytes] | None) -> bytes | None:
    """The value of the field of the event; the bus writes no other."""
    return fields[1] if fields and fields[0] == FIELD else None


def plain_replies(client: Client) -> Client:
    """The client, without a conversion of each entry that is read to a dict: ``entries`` does it."""
    for command in ("XREAD", "XREADGROUP"):
        client.set_response_callback(command, _unchanged)
    return client


def _unchanged(reply: Any, **_: Any) -> Any:
    return reply


def block_ms(patterns: Sequence[str]) -> int:
    """How long a read waits: readers of any domain look for new ones in between."""
    return REFRESH_MS if named_domains(patterns) is None else BLOCK_MS


async def read_all(
    client: Client,
    registry: Registry,
    patterns: Sequence[str],
    start: str,
    running: Running,
    read: Callable[[Positions], Awaitable[None]],
) -> None:
    """Call ``read`` until stopped, with the streams of all domains that the patterns cover, including new domains.

    The first streams are read from ``start``, those that appear later from their oldest entry.
    """
    known: set[str] = set()
    shared: Positions = {}
    named = named_domains(patterns)
    async with asyncio.TaskGroup() as group:
        while not running.stopping:
            domains = named if named is not None else await registry.domains()
            for key in sorted(stream_key(domain) for domain in domains if covers(patterns, domain)):
                if key not in known:
                    known.add(key)
                    if is_cluster(client):
                        group.create_task(_loop(running, read, {key: start}))
                    elif not shared:
                        shared[key] = start
                        group.create_task(_loop(running, read, shared))
                    else:
                        shared[key] = start
            start = "0"
            await running.pause(REFRESH_MS if named is None else NAMED_REFRESH_MS)


async def _loop(running: Running, read: Callable[[Positions], Awaitable[None]], positions: Positions) -> None:
    while not running.stopping:
        await read(positions)
