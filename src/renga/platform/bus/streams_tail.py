"""``tail`` on Redis Streams: every event from now on, to every reader, not durable."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
import structlog
from redis.exceptions import ResponseError

from renga.kernel.events import Event, decode
from renga.platform.bus.delivery import describe, wanted_of
from renga.platform.bus.patterns import Matcher
from renga.platform.bus.running import Running, reconnecting
from renga.platform.bus.streams_reading import Positions, block_ms, entries, read_all
from renga.platform.bus.streams_registry import Registry
from renga.platform.redis.driver import REDIS_ERRORS, Client, on_key

log = structlog.get_logger(__name__)

COUNT_MAX = 1_000
#: Most events buffered for a slow reader; beyond it, reading pauses.
BUFFER_MAX = 10_000
END = "$"


async def tail(client: Client, registry: Registry, patterns: Sequence[str], running: Running) -> AsyncIterator[Event]:
    """Events until the bus is closed or the caller stops."""
    buffer: asyncio.Queue[Event | None] = asyncio.Queue(BUFFER_MAX)
    follower = _Follower(client, registry, patterns, running, buffer)
    task = asyncio.create_task(running.run(follower.run()))
    try:
        while (event := await buffer.get()) is not None:
            yield event
        await task
    finally:
        task.cancel()
        await asyncio.wait((task,))


class _Follower:
    def __init__(
        self,
        client: Client,
        registry: Registry,
        patterns: Sequence[str],
        running: Running,
        buffer: asyncio.Queue[Event | None],
    ) -> None:
        self._client, self._registry, self._running, self._buffer = client, registry, running, buffer
        self._patterns, self._wanted = patterns, Matcher(patterns)
        self._block_ms = block_ms(patterns)
        #: The last id of each stream that was read: where reading goes on after the connection was lost.
        self._seen: Positions = {}

    async def run(self) -> None:
        try:
            await self._follow()
        finally:
            if self._buffer.full():
                self._buffer.get_nowait()
            self._buffer.put_nowait(None)

    async def _follow(self) -> None:
        backoff = reconnecting()
        while self._running.wanted:
            try:
                await read_all(self._client, self._registry, self._patterns, END, self._running, self._read)
            except* REDIS_ERRORS as group:
                if backoff.first:
                    log.warning("tail_lost_bus", error=describe(group))
                await self._running.pause(backoff.next_ms())

    async def _read(self, positions: Positions) -> None:
        await self._resolve(positions)
        asked = dict(positions)
        command = ("XREAD", "COUNT", COUNT_MAX, "BLOCK", self._block_ms, "STREAMS", *asked.keys(), *asked.values())
        reply = await self._running.unless_stopped(on_key(self._client, next(iter(asked)), *command))
        for entry in entries(reply):
            positions[entry.stream] = self._seen[entry.stream] = entry.id
            try:
                message = decode(entry.body or b"")
            except (msgspec.DecodeError, ValueError) as error:
                log.warning("tail_skipped_entry", stream=entry.stream, entry=entry.id, error=describe(error))
                continue
            for event in wanted_of(message, self._wanted):
                await self._running.unless_stopped(self._buffer.put(event))

    async def _resolve(self, positions: Positions) -> None:
        """Resolve "from now on" to an id once, so that no event is missed between two reads, nor while we were not connected."""
        for stream, position in list(positions.items()):
            if position == END:
                last, seen = await self._last_id(stream), self._seen.get(stream)
                # a server that was replaced may be behind
                positions[stream] = self._seen[stream] = last if seen is None or _order(seen) > _order(last) else seen

    async def _last_id(self, stream: str) -> str:
        try:
            info = await self._client.xinfo_stream(stream)
        except ResponseError:  # the stream does not exist yet: its first event will be new
            return "0"
        return str(info["last-generated-id"].decode())


def _order(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))
