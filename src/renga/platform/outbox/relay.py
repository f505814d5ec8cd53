"""Moves events from the outboxes to the bus: at least once, in order per subject, trimmed only after the confirm."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from prometheus_client import Counter as Count
from prometheus_client import Gauge

from renga.kernel.errors import Unavailable
from renga.platform.bus.port import Bus, BusUnavailable
from renga.platform.outbox.batches import OutboxBatches
from renga.platform.outbox.leases import LeaseHolder
from renga.platform.outbox.news import Watcher, watched
from renga.platform.outbox.outages import Outages
from renga.platform.outbox.pace import gather_ms
from renga.platform.outbox.port import News, Outbox
from renga.platform.outbox.waves import Waiting, waves
from renga.platform.retrying import Backoff

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

_published = Count("renga_outbox_published_total", "Events that the bus confirmed", ["outbox"])
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
        self._outboxes, self._bus, self._keeper, self._batch_max = OutboxBatches(outboxes), bus, keeper, batch_max
        self._idle_wait_min_ms, self._idle_wait_max_ms = idle_wait_min_ms, idle_wait_max_ms
        self._awake = asyncio.Event()
        self._watchers = [Watcher(one, self.wake) for one in news]
        self._outages = Outages()
        self._looked_s = float("-inf")
        self._counts: dict[str, int] = {}

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
        idle_ms, time_s = self._idle_wait_min_ms, asyncio.get_running_loop().time
        backoff = Backoff(wait_min_ms=RETRY_WAIT_MIN_MS, wait_max_ms=RETRY_WAIT_MAX_MS)
        while not _cancelled():
            self._awake.clear()
            held, began_s = self._keeper.held() & self._outboxes.names, time_s()
            try:
                moved = await self.step()
            except BusUnavailable:
                await asyncio.sleep(backoff.next_ms() / 1000)
                continue
            backoff.reset()
            idle_ms = self._idle_wait_min_ms if moved else min(idle_ms * 2, self._idle_wait_max_ms)
            if not moved:
                await self._idle(idle_ms, held)
            else:
                await asyncio.sleep(gather_ms(self._counts.values()) / 1000 - (time_s() - began_s))

    async def _idle(self, wait_ms: int, held: frozenset[str]) -> None:
        if await self._woken(wait_ms):
            return
        while self._may_sleep(held) and not self._look_due():
            if await self._woken(LEASES_LOOK_MS):
                return

    def _may_sleep(self, held: frozenset[str]) -> bool:
        now = self._keeper.held() & self._outboxes.names
        return bool(held) and now == held and now <= watched(self._watchers) and not self._outages.names

    def _look_due(self) -> bool:
        return asyncio.get_running_loop().time() - self._looked_s > WATCHED_WAIT_MS / 1000

    async def _woken(self, wait_ms: int) -> bool:
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await self._awake.wait()
        except TimeoutError:
            return False
        return True

    async def step(self) -> int:
        """Relay one batch of every held outbox that may have news; returns how many events were published.

        Raises BusUnavailable.
        """
        held = self._keeper.held() & self._outboxes.names
        names = self._to_read(held)
        with self._keeper.using(names):
            waiting = await self._read(names)
            confirmed: list[Waiting] = []
            try:
                for wave in waves(waiting):
                    still = self._keeper.held()
                    await self._publish([one for one in wave if one[0] in still], confirmed)
            except BusUnavailable as error:
                self._outages.failed("bus", error)
                raise
            finally:
                await self._trim(confirmed)
        if waiting:
            self._outages.works("bus")
        self._rest(held, frozenset(names) - {name for name, _ in waiting})
        return len(confirmed)

    def _to_read(self, held: frozenset[str]) -> list[str]:
        """Not those that are watched: they were empty when the watch began. Now and then all, in case news were lost."""
        if self._look_due():
            self._looked_s = asyncio.get_running_loop().time()
            return sorted(held)
        return sorted(held - watched(self._watchers))

    def _rest(self, held: frozenset[str], empty: frozenset[str]) -> None:
        """Have those outboxes watched again that were read and found empty.

        A watch that ended during this step is no reason: what it was told of was not read, and it will not be told again.
        """
        for watcher in self._watchers:
            if watcher.watching:
                watcher.hold(held)
            elif watcher.names & held <= empty - self._outages.names:
                watcher.rest(held)

    async def _read(self, names: Sequence[str]) -> list[Waiting]:
        batches = await self._outboxes.read(names, self._batch_max)
        found: list[Waiting] = []
        counts = dict.fromkeys(map(_group, names), 0)
        self._counts.clear()
        for name in names:
            batch = batches.get(name, ())
            if isinstance(batch, Unavailable):
                self._outages.failed(name, batch)
                continue
            self._outages.works(name)
            counts[_group(name)] += len(batch)
            self._counts[name] = len(batch)
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
        for group, count in Counter(_group(name) for name, _ in confirmed).items():
            _published.labels(group).inc(count)
        for name, error in (await self._outboxes.trim(positions)).items():
            self._outages.failed(name, error)  # these will be published again: delivery is at least once


def _cancelled() -> bool:
    """Whether this task was cancelled: ends the loop even if an outbox or a bus swallowed the cancellation."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _group(name: str) -> str:
    return name.partition(":")[0]
