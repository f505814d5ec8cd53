"""One consumer on Redis Streams: waits for its lease, reads the entries left pending by its predecessor, then new ones."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
import structlog

from renga.kernel.events import Event, decode
from renga.platform.bus import metrics
from renga.platform.bus.dead_bodies import masked_body
from renga.platform.bus.delivery import Failure, deliver_messages, describe, wanted_of
from renga.platform.bus.patterns import Matcher, covers
from renga.platform.bus.port import Consumer
from renga.platform.bus.running import Running, reconnecting
from renga.platform.bus.streams_reading import Positions, StreamEntry, block_ms, entries, read_all
from renga.platform.bus.streams_registry import Registry
from renga.platform.bus.streams_wire import ACTIVE, BURY, FIELD, dead_key, domain_of, stream_key
from renga.platform.redis.driver import REDIS_ERRORS, Client, on_key
from renga.platform.redis.leases import HeldLeases, Leases, LeasesUnavailable

log = structlog.get_logger(__name__)

#: How often a stand-by instance tries to take the lease.
STANDBY_POLL_MS = 500
LEASE_MARGIN_MS = 500
#: An entry delivered this often without acknowledgement (its handler crashes the process) becomes a dead letter.
DELIVERIES_MAX = 20
DEAD_LENGTH_MAX = 100_000
NEW = ">"


class LeaseLost(Exception):
    """Another instance may be active now: stop at once."""


class StreamConsumer:
    """Runs one consumer until ``running`` stops."""

    def __init__(
        self, consumer: Consumer, calls: Client, blocking: Client, registry: Registry, leases: Leases, running: Running
    ) -> None:
        self._consumer, self._calls, self._blocking = consumer, calls, blocking
        self._registry, self._leases, self._running = registry, leases, running
        self._wanted = Matcher(consumer.patterns)
        self._held = HeldLeases(leases.ttl_ms, time.monotonic, margin_ms=LEASE_MARGIN_MS)
        self._turn = asyncio.Lock()  # on a cluster several readers share one handler
        self._start = "$"
        self._block_ms = block_ms(consumer.patterns)

    async def run(self) -> None:
        backoff = reconnecting()
        while self._running.wanted:
            try:
                await self._registry.declare(self._consumer, start=self._start)
                self._start = "0"  # from now on a missing group was lost, and its stream is unread
                if backoff.first:
                    log.debug("consumer_ready", consumer=self._consumer.name)
                backoff.reset()
                await self._stand_by()
            except* (*REDIS_ERRORS, LeasesUnavailable) as group:
                if backoff.first:
                    log.warning("consumer_lost_bus", consumer=self._consumer.name, error=describe(_first(group)))
                await self._running.pause(backoff.next_ms())
            except* LeaseLost:
                log.warning("consumer_lease_lost", consumer=self._consumer.name)

    async def _stand_by(self) -> None:
        while not self._running.stopping:
            if await self._renewed(self._leases.acquire):
                await self._lead()
                return
            await self._running.pause(STANDBY_POLL_MS)

    async def _renewed(self, call: Callable[[Sequence[str]], Awaitable[frozenset[str]]]) -> bool:
        name, sent_at = self._consumer.name, time.monotonic()
        self._held.confirm(await call([name]), sent_at)
        return name in self._held

    async def _lead(self) -> None:
        log.info("consumer_active", consumer=self._consumer.name)
        try:
            async with asyncio.TaskGroup() as group:
                renewing = group.create_task(self._keep_lease())
                await self._dead_letter_poison_messages()
                await read_all(self._calls, self._registry, self._consumer.patterns, "0", self._running, self._read)
                renewing.cancel()
        finally:
            self._held.forget([self._consumer.name])
            try:
                await self._leases.release([self._consumer.name])
            except LeasesUnavailable as error:
                log.warning("lease_not_released", consumer=self._consumer.name, error=str(error))

    async def _keep_lease(self) -> None:
        while True:
            period_s = self._leases.ttl_ms * 2 / 5000  # twice before it lapses
            await asyncio.sleep(period_s - time.monotonic() % period_s)  # with the other consumers: one call for all
            try:
                if not await self._renewed(self._leases.renew):
                    raise LeaseLost
            except LeasesUnavailable as error:
                log.warning("lease_not_renewed", consumer=self._consumer.name, error=str(error))
                if self._consumer.name not in self._held:
                    raise LeaseLost from None

    async def _read(self, positions: Positions) -> None:
        asked, batch_max = dict(positions), self._consumer.batch_max
        reply = await self._running.unless_stopped(self._read_group(asked, batch_max, self._block_ms))
        if reply is None:
            return
        found = entries(reply)
        _advance(positions, asked, found)
        if 0 < len(found) < batch_max and self._consumer.batch_wait_ms and set(asked.values()) == {NEW}:
            await self._running.pause(self._consumer.batch_wait_ms)
            found += entries(await self._read_group(asked, batch_max - len(found), None))
        async with self._turn:
            for start in range(0, len(found), batch_max):
                if start == 0 or not self._running.stopping:  # the rest stays pending for the next reader
                    await self._handle(found[start : start + batch_max])

    async def _read_group(self, positions: Positions, count: int, block_ms: int | None) -> object:
        blocking = () if block_ms is None else ("BLOCK", block_ms)
        command = ("XREADGROUP", "GROUP", self._consumer.name, ACTIVE, "COUNT", count, *blocking, "STREAMS")
        return await on_key(self._blocking, next(iter(positions)), *command, *positions.keys(), *positions.values())

    async def _handle(self, batch: Sequence[StreamEntry]) -> None:
        messages: list[tuple[Event, ...]] = []
        wanted: list[StreamEntry] = []
        unwanted: list[StreamEntry] = []
        for entry in batch:
            message = await self._event(entry)
            events = () if message is None else wanted_of(message, self._wanted, also=self._consumer.also)
            if events:
                messages.append(events)
                wanted.append(entry)
            else:
                unwanted.append(entry)
        await self._acknowledge(unwanted)
        async for verdict in deliver_messages(self._consumer, messages, self._running.pause):
            settled = wanted[verdict.start : verdict.stop]
            if verdict.failure is None:
                await self._acknowledge(settled)
            else:
                await self._dead_letter_entry(settled[0], verdict.failure)

    async def _event(self, entry: StreamEntry) -> Event | None:
        if entry.body is None:
            log.warning("event_evicted_unread", consumer=self._consumer.name, stream=entry.stream, entry=entry.id)
            return None
        try:
            return decode(entry.body)
        except (msgspec.DecodeError, ValueError) as error:
            await self._dead_letter_entry(entry, Failure(describe(error), 0))
            return None

    async def _acknowledge(self, settled: Iterable[StreamEntry]) -> None:
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for entry in settled:
            ids[entry.stream].append(entry.id)
        for stream, stream_ids in ids.items():
            await self._calls.xack(stream, self._consumer.name, *stream_ids)

    async def _dead_letter_entry(self, entry: StreamEntry, failure: Failure) -> None:
        name = self._consumer.name
        keys = (entry.stream, dead_key(domain_of(entry.stream), name))
        values = (name, entry.id, DEAD_LENGTH_MAX, masked_body(entry.body or b""), failure.reason, failure.attempts)
        await self._calls.eval(BURY, 2, *keys, *values)

    async def _dead_letter_poison_messages(self) -> None:
        """Dead-letter entries that were delivered repeatedly without acknowledgement, before they crash this instance too."""
        for domain in sorted(await self._registry.domains()):
            if covers(self._consumer.patterns, domain):
                await self._dead_letter_poison_messages_of(stream_key(domain))

    async def _dead_letter_poison_messages_of(self, key: str) -> None:
        start, page = "-", self._consumer.batch_max
        while True:
            rows = await self._calls.xpending_range(key, self._consumer.name, min=start, max="+", count=page)
            for row in rows:
                if row["times_delivered"] >= DELIVERIES_MAX:
                    found = await self._calls.xrange(key, row["message_id"], row["message_id"])
                    body = found[0][1].get(FIELD) if found else None
                    failure = Failure(
                        f"delivered {row['times_delivered']} times without an end", row["times_delivered"]
                    )
                    metrics.dead.labels(self._consumer.name).inc()
                    await self._dead_letter_entry(StreamEntry(key, row["message_id"].decode(), body), failure)
            if len(rows) < page:
                return
            start = "(" + rows[-1]["message_id"].decode()


def _advance(positions: Positions, asked: Positions, found: Sequence[StreamEntry]) -> None:
    """Continue after the pending entries just read; a stream without pending entries continues with new ones."""
    last = {entry.stream: entry.id for entry in found}
    for stream, position in asked.items():
        if position != NEW:
            positions[stream] = last.get(stream, NEW)


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, Exception) else group  # type: ignore[return-value]  # except* never catches others
