"""The bus on Redis Streams: one stream per domain, one group per consumer, one active instance per consumer name.

Confirmed means: the primary has the event in its stream and writes it to its append-only file. With ``appendfsync always``
a crash of the server loses nothing. With ``everysec`` it may lose one second, on a slow disk two, even if only the process is
killed: during a flush the server answers before it writes. RabbitMQ's quorum queues guarantee more.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

import structlog

from renga.kernel.events import Event, encode
from renga.platform.bus import metrics
from renga.platform.bus.delivery import describe
from renga.platform.bus.port import BusUnavailable, Consumer, DeadLetter
from renga.platform.bus.running import Running
from renga.platform.bus.streams_consumer import StreamConsumer
from renga.platform.bus.streams_reading import BLOCK_MS, plain_replies
from renga.platform.bus.streams_registry import Registry
from renga.platform.bus.streams_retention import INTERVAL_MAX_MS, INTERVAL_MS, Retention
from renga.platform.bus.streams_tail import tail
from renga.platform.bus.streams_wire import FIELD, LEASE_PREFIX, PUBLISH, dead_key, stream_key
from renga.platform.redis.driver import CALL_TIMEOUT_S, REDIS_ERRORS, make_client
from renga.platform.redis.leases import WORKER_TTL_MS, LeasesUnavailable
from renga.platform.redis.shared_leases import SharedLeases

log = structlog.get_logger(__name__)

#: Events in one call of the publishing script: one command, one reply; limits how long it blocks the server.
CHUNK_MAX = 250
PUBLISH_TIMEOUT_S = 5.0
DECLARE_TIMEOUT_S = 10.0
#: A domain is registered again this often, in case the server has lost it.
REGISTER_AGAIN_S = 1.0
RETENTION_LEASE = "retention"


class RedisStreamsBus:
    """``Bus`` on one server, a Sentinel's master or a cluster, by the URL's scheme."""

    def __init__(self, url: str) -> None:
        self._calls = make_client(url)
        self._blocking = plain_replies(make_client(url, timeout_s=CALL_TIMEOUT_S + BLOCK_MS / 1000))
        self._registry = Registry(self._calls)
        self._leases = SharedLeases(self._calls, secrets.token_hex(8), ttl_ms=WORKER_TTL_MS, prefix=LEASE_PREFIX)
        self._running = Running()
        self._known: dict[str, float] = {}
        self._retaining: asyncio.Task[None] | None = None
        self._published = asyncio.Event()
        self._closed = False

    async def start(self) -> None:
        await self.ping()
        if self._retaining is None:
            self._retaining = asyncio.create_task(self._running.run(self._retain()))

    async def close(self) -> None:
        await self._running.close()
        if self._retaining is not None:
            await self._retaining
        self._closed = True  # last: current batches may still publish
        await self._calls.aclose()
        await self._blocking.aclose()

    async def ping(self) -> None:
        self._check_open()
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                await self._calls.get("bus:ping")
        except REDIS_ERRORS as error:
            raise BusUnavailable(describe(error)) from error

    async def publish(self, events: Sequence[Event]) -> None:
        self._check_open()
        self._published.set()
        by_domain: defaultdict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_domain[event.domain].append(event)
        confirmed: set[str] = set()
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                for domain, of_domain in by_domain.items():
                    await self._register(domain)
                    await self._append(domain, of_domain, confirmed)
        except REDIS_ERRORS as error:
            raise BusUnavailable(describe(error), confirmed=frozenset(confirmed)) from error

    def _check_open(self) -> None:
        if self._closed:  # redis-py would reconnect silently
            raise BusUnavailable("the bus is closed")

    async def _register(self, domain: str) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._known.get(domain, float("-inf")) > REGISTER_AGAIN_S:
            await self._registry.register(domain)
            self._known[domain] = now

    async def _append(self, domain: str, events: Sequence[Event], confirmed: set[str]) -> None:
        key = stream_key(domain)
        for start in range(0, len(events), CHUNK_MAX):
            chunk = events[start : start + CHUNK_MAX]
            await self._calls.eval(PUBLISH, 1, key, *map(encode, chunk))
            confirmed.update(event.id for event in chunk)
            metrics.published.labels("redis").inc(len(chunk))

    async def declare(self, consumer: Consumer) -> None:
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                await self._registry.declare(consumer)
        except REDIS_ERRORS as error:
            raise BusUnavailable(describe(error)) from error

    async def consume(self, consumer: Consumer) -> None:
        work = StreamConsumer(consumer, self._calls, self._blocking, self._registry, self._leases, self._running)
        await self._running.run(work.run())

    def tail(self, patterns: Sequence[str]) -> AsyncIterator[Event]:
        return tail(self._blocking, self._registry, patterns, self._running)

    async def dead_letters(self, consumer: str, limit: int = 100) -> list[DeadLetter]:
        rows: list[tuple[bytes, dict[bytes, bytes]]] = []
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                for domain in await self._registry.domains():
                    rows += await self._calls.xrange(dead_key(domain, consumer), count=limit)
        except REDIS_ERRORS as error:
            raise BusUnavailable(describe(error)) from error
        rows.sort(key=lambda row: tuple(map(int, row[0].split(b"-"))))
        return [_dead_letter(consumer, fields) for _, fields in rows[:limit]]

    async def _retain(self) -> None:
        """Trim the streams periodically, in one instance of the bus at a time."""
        retention = Retention(self._calls, self._registry)
        wait_ms = INTERVAL_MS
        while await self._running.pause(INTERVAL_MS):
            await self._unless_published(wait_ms - INTERVAL_MS)
            try:
                changed = bool(await self._leases.acquire([RETENTION_LEASE])) and await retention.sweep()
            except (*REDIS_ERRORS, LeasesUnavailable) as error:
                log.warning("bus_retention_failed", error=describe(error))
                changed = True
            wait_ms = INTERVAL_MS if changed or self._published.is_set() else min(wait_ms * 2, INTERVAL_MAX_MS)
            self._published.clear()

    async def _unless_published(self, wait_ms: int) -> None:
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await self._running.unless_stopped(self._published.wait())
        except TimeoutError:
            return


def _dead_letter(consumer: str, fields: dict[bytes, bytes]) -> DeadLetter:
    reason = fields[b"reason"].decode(errors="replace")
    return DeadLetter(consumer=consumer, body=fields[FIELD], reason=reason, attempts=int(fields[b"attempts"]))
