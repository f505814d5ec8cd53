"""Revocations, sent between processes in a Redis stream that every process waits on."""

import asyncio

import msgspec
import structlog
from prometheus_client import Gauge

from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.kernel.revocation import Revocation
from renga.platform.auth.revocations import Revocations
from renga.platform.redis.driver import REDIS_ERRORS, Client
from renga.platform.redis.stream_waiting import SHORT_WAIT_MS, WAIT_MS, grown

log = structlog.get_logger(__name__)

STREAM = "access:revocations"
#: Pause while Redis is unreachable.
AWAY_S = 1.0
BATCH_MAX = 1_000
#: Entries are kept this long, longer than the longest life of a token.
KEEP_MS = 2 * 3_600_000
AGE = Gauge("renga_auth_revocations_age_seconds", "Seconds since the revocations were last read")

_decoder = msgspec.json.Decoder(Revocation)


class RedisRevocations:
    """Writes the stream. Raises Unavailable."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def publish(self, revocations: list[Revocation]) -> None:
        """Send revocations to every process; idempotent."""
        oldest = self._clock.now_ms() - KEEP_MS
        try:
            for one in revocations:
                await self._client.xadd(STREAM, {"r": msgspec.json.encode(one)}, minid=oldest, approximate=True)
        except REDIS_ERRORS as error:
            raise Unavailable(f"revocations could not be told: {error or type(error).__name__}") from error

    async def exists(self) -> bool:
        """Whether the stream exists; its server may have lost it."""
        try:
            return bool(await self._client.exists(STREAM))
        except REDIS_ERRORS as error:
            raise Unavailable(str(error) or type(error).__name__) from error


class RevocationFeed:
    """Reads the stream into this process's memory. While Redis is unreachable the list does not change, and ``AGE`` grows.

    ``waiting``: a client for long blocking reads (``Resources.waiting_driver_at`` with WAIT_MS).
    """

    def __init__(self, client: Client, into: Revocations, clock: Clock, *, waiting: Client | None = None) -> None:
        self._client = client
        self._waiting, self._wait_ms = (client, SHORT_WAIT_MS) if waiting is None else (waiting, WAIT_MS)
        self._into = into
        self._clock = clock
        self._last = "-"
        self._read_ms = clock.now_ms()

    async def catch_up(self) -> None:
        """Read new entries. Raises Unavailable."""
        while True:
            start = self._last if self._last == "-" else f"({self._last}"
            try:
                rows = await self._client.xrange(STREAM, min=start, count=BATCH_MAX)
            except REDIS_ERRORS as error:
                raise Unavailable(f"revocations could not be read: {error or type(error).__name__}") from error
            for identifier, fields in rows:
                self._take(fields)
                self._last = identifier.decode() if isinstance(identifier, bytes) else identifier
            if len(rows) < BATCH_MAX:
                break
        self._read_ms = self._clock.now_ms()

    async def run(self) -> None:
        """Read new entries as they come, until cancelled."""
        while True:
            try:
                await self.catch_up()
                while not await self._grown():
                    self._read_ms = self._clock.now_ms()
                    AGE.set(0)
            except Unavailable as error:
                log.warning("revocations_stale", detail=error.detail)
                AGE.set((self._clock.now_ms() - self._read_ms) / 1000)
                await asyncio.sleep(AWAY_S)

    async def _grown(self) -> bool:
        try:
            return await grown(self._waiting, STREAM, self._last, self._wait_ms)
        except REDIS_ERRORS as error:
            raise Unavailable(f"revocations could not be awaited: {error or type(error).__name__}") from error

    def _take(self, fields: dict[bytes, bytes]) -> None:
        try:
            self._into.add(_decoder.decode(fields.get(b"r") or b""))
        except msgspec.MsgspecError as error:
            log.error("revocation_unreadable", error=str(error))
