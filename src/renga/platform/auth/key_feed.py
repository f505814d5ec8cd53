"""Changes of API keys, sent between processes in a Redis stream that every process waits on.

The database is authoritative and each process caches a key only briefly; the stream makes changes visible sooner. A change
that could not be sent takes effect when the cached entry expires.
"""

import asyncio
from collections.abc import Callable

import structlog

from renga.platform.redis.driver import REDIS_ERRORS, Client
from renga.platform.redis.stream_waiting import SHORT_WAIT_MS, WAIT_MS, grown

log = structlog.get_logger(__name__)

STREAM = "access:keys"
#: Pause while Redis is unreachable.
AWAY_S = 0.5
BATCH_MAX = 1_000
#: Approximate length of the stream: far more changes than happen while a process does not read and still caches keys.
KEPT_MAX = 10_000


class RedisKeyChanges:
    """Writes the stream."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def tell(self, *, key_id: str = "", account_id: str = "") -> None:
        """Publish that a key changed, or something that affects all keys of an account."""
        name, value = ("k", key_id) if key_id else ("a", account_id)
        try:
            await self._client.xadd(STREAM, {name: value}, maxlen=KEPT_MAX, approximate=True)
        except REDIS_ERRORS as error:
            log.warning("key_change_not_told", error=str(error) or type(error).__name__)


class KeyFeed:
    """Calls ``forget_key`` and ``forget_account`` for each change; call ``catch_up`` once before the first request.

    ``waiting``: a client for long blocking reads (``Resources.waiting_driver_at`` with WAIT_MS).
    """

    def __init__(
        self,
        client: Client,
        *,
        forget_key: Callable[[str], None],
        forget_account: Callable[[str], None],
        waiting: Client | None = None,
    ) -> None:
        self._client = client
        self._waiting, self._wait_ms = (client, SHORT_WAIT_MS) if waiting is None else (waiting, WAIT_MS)
        self._forget = {b"k": forget_key, b"a": forget_account}
        self._last = "-"

    async def catch_up(self) -> bool:
        """Read new entries; False if Redis is unreachable."""
        while True:
            start = self._last if self._last == "-" else f"({self._last}"
            try:
                rows = await self._client.xrange(STREAM, min=start, count=BATCH_MAX)
            except REDIS_ERRORS as error:
                log.warning("key_changes_not_read", error=str(error) or type(error).__name__)
                return False
            for identifier, fields in rows:
                for name, value in fields.items():
                    forget = self._forget.get(name)
                    if forget is not None:
                        forget(value.decode())
                self._last = identifier.decode() if isinstance(identifier, bytes) else identifier
            if len(rows) < BATCH_MAX:
                return True

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            if not (await self.catch_up() and await self._grown()):
                await asyncio.sleep(AWAY_S)

    async def _grown(self) -> bool:
        """Wait for a new entry; False if Redis is unreachable."""
        try:
            while not await grown(self._waiting, STREAM, self._last, self._wait_ms):
                continue
        except REDIS_ERRORS as error:
            log.warning("key_changes_not_awaited", error=str(error) or type(error).__name__)
            return False
        return True
