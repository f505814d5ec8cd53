"""Moves events from the outboxes to the bus: at least once, in order per subject, trimmed only after the confirm."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

import structlog
from prometheus_client import Counter, Gauge

from renga.kernel.errors import Unavailable
from renga.platform.bus.port import Bus, BusUnavailable
from renga.platform.outbox.leases import LeaseHolder
from renga.platform.outbox.news import Watcher, watched
from renga.platform.outbox.port import News, Outbox
from renga.platform.outbox.waves import Waiting, waves
from renga.platform.retrying import Backoff

log = structlog.get_logger(__name__)

BATCH_MAX = 500
#: Most events in one call of the bus.
PUBLISH_MAX = 2_000
IDLE_WAIT_MIN_MS = 10
IDLE_WAIT_MAX_MS = 200
#: While all its outboxes are watched an idle relay reads only when there are news, and this often, in case some were lost.
WATCHED_WAIT_MS = 30_000
#: How often it looks, in its own memory, whether it still holds the same leases; whoever renews them wakes it at once (``wake``).
LEASES_LOOK_MS = 1_500
RETRY_WAIT_MIN_MS = 100
RETRY_WAIT_MAX_MS = 5_000

_published = Counter("renga_outbox_published_total", "Events that the bus confirmed", ["outbox"])
_pending = Gauge("renga_outbox_pending", "Waiting events at the last read, at most a batch per outbox", ["outbox"])


class Relay:
    """Relays the outboxes whose leases ``keeper`` holds. One per process; start ``run``."""

    def __init__(
        self,
        outboxes: Mapping[str, Outbox],
        bus: Bus,
        keeper: LeaseHolder,
        *,
        batch_max: int = BATCH_MAX,
        idle_wait_min_ms: int = IDLE_WAIT_MIN_MS,
        idle_wait_max_ms: int = IDLE_WAIT_MAX_MS,
        news: Sequence[News] = (),
    ) -> None:
        self._outboxes, self._bus, self._keeper, self._batch_max = dict(outboxes), bus, keeper, batch_max
        self._idle_wait_min_ms, self._idle_wait_max_ms = idle_wait_min_ms, idle_wait_max_ms
        self._awake = asyncio.Event()
        self._watchers = [Watcher(one, self.wake) for one in news]
        self._away: set[str] = set()

    def wake(self) -> None:
        """Make an idle relay read at once, because there are new events."""
        self._awake.set()

    async def run(self) -> None:
        """Relay until cancelled. Retries when the bus or an outbox is unreachable."""
        watching = [asyncio.create_task(watcher.run()) for watcher in self._watchers]
        try:
            await self._relay()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _relay(self) -> None:
        idle_ms = self._idle_wait_min_ms
        backoff = Backoff(wait_min_ms=RETRY_WAIT_MIN_MS, wait_max_ms=RETRY_WAIT_MAX_MS)
        while not _cancelled():
            self._awake.clear()
            held = self._keeper.held() & self._outboxes.keys()
            try:
                moved = await self.step()
            except BusUnavailable:
                await asyncio.sleep(backoff.next_ms() / 1000)
                continue
            backoff.reset()
            idle_ms = self._idle_wait_min_ms if moved else min(idle_ms * 2, self._idle_wait_max_ms)
            if not moved:
                await self._idle(idle_ms, held)

    async def _idle(self, wait_ms: int, held: frozenset[str]) -> None:
        for watcher in self._watchers:
            watcher.rest(held)
        if await self._woken(wait_ms):
            return
        waited_ms = wait_ms
        while self._may_sleep(held) and waited_ms < WATCHED_WAIT_MS:
            if await self._woken(LEASES_LOOK_MS):
                return
            waited_ms += LEASES_LOOK_MS

    def _may_sleep(self, held: frozenset[str]) -> bool:
        now = self._keeper.held() & self._outboxes.keys()
        return bool(held) and now == held and now <= watched(self._watchers) and not self._away

    async def _woken(self, wait_ms: int) -> bool:
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await self._awake.wait()
        except TimeoutError:
            return False
        return True

    async def step(self) -> int:
        """Relay one batch of every held outbox; returns how many events were published. Raises BusUnavailable."""
        names = sorted(self._keeper.held() & self._outboxes.keys())
        with self._keeper.using(names):
            waiting = await self._read(names)
            confirmed: list[Waiting] = []
            try:
                for wave in waves(waiting):
                    await self._publish([w for w in wave if w[0] in self._keeper.held()], confirmed)
            except BusUnavailable as error:
                self._log_outage("bus", error)
                raise
            finally:
                await self._trim(confirmed)
        if waiting:
            self._log_recovery("bus")
        return len(confirmed)

    async def _read(self, names: Sequence[str]) -> list[Waiting]:
        batches = await asyncio.gather(
            *(self._outboxes[name].read(self._batch_max) for name in names), return_exceptions=True
        )
        found: list[Waiting] = []
        counts: defaultdict[str, int] = defaultdict(int)
        for name, batch in zip(names, batches, strict=True):
            if isinstance(batch, Unavailable):
                self._log_outage(name, batch)
            elif isinstance(batch, BaseException):
                raise batch
            else:
                self._log_recovery(name)
                counts[_group(name)] += len(batch)
                found += [(name, pending) for pending in batch]
        for group, count in counts.items():
            _pending.labels(group).set(count)
        return found

    async def _publish(self, wave: Sequence[Waiting], confirmed: list[Waiting]) -> None:
        for start in range(0, len(wave), PUBLISH_MAX):
            part = wave[start : start + PUBLISH_MAX]
            try:
                await self._bus.publish([pending.event for _, pending in part])
            except BusUnavailable as error:
                confirmed += [waiting for waiting in part if waiting[1].event.id in error.confirmed]
                raise
            confirmed += part

    async def _trim(self, confirmed: Sequence[Waiting]) -> None:
        positions: defaultdict[str, list[str]] = defaultdict(list)
        for name, pending in confirmed:
            positions[name].append(pending.position)
        results = await asyncio.gather(
            *(self._outboxes[name].trim(trimmed) for name, trimmed in positions.items()), return_exceptions=True
        )
        for name, result in zip(positions, results, strict=True):
            _published.labels(_group(name)).inc(len(positions[name]))
            if isinstance(result, Unavailable):
                self._log_outage(name, result)  # these will be published again: delivery is at least once
            elif isinstance(result, BaseException):
                raise result

    def _log_outage(self, what: str, error: Exception) -> None:
        if what not in self._away:
            log.warning("relay_waits", for_what=what, error=str(error))
        self._away.add(what)

    def _log_recovery(self, what: str) -> None:
        if what in self._away:
            log.info("relay_goes_on", with_what=what)
        self._away.discard(what)


def _cancelled() -> bool:
    """Whether this task was cancelled: ends the loop even if an outbox or a bus swallowed the cancellation."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _group(name: str) -> str:
    return name.partition(":")[0]
