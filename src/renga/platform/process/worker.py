"""The worker loop of a definition: claims due processes, several at a time; woken by NOTIFY or a poll."""

import asyncio

import structlog

from renga.kernel.errors import Unavailable
from renga.platform.process.model import FenceLost
from renga.platform.process.postgres import Processes
from renga.platform.process.settings import ProcessSettings
from renga.platform.process.tables import ClaimedProcess
from renga.platform.process.upkeep import SWEEP_MAX
from renga.platform.retrying import Backoff

log = structlog.get_logger(__name__)

#: The first wait of an idle worker; it doubles up to ``idle_wait_max_ms``, the longest delay after a lost notification.
IDLE_WAIT_MIN_MS = 10
#: Wait before listening again after a lost connection; polling goes on.
LISTEN_WAIT_MIN_MS, LISTEN_WAIT_MAX_MS = 200, 5_000
#: How often gauges are set and ended processes deleted, and in how many batches at most.
TIDY_EVERY_S = 15.0
SWEEPS_MAX = 10


class ProcessWorker:
    """Advances up to ``settings.concurrency`` processes concurrently; uses one more connection to listen."""

    def __init__(
        self, processes: Processes, settings: ProcessSettings | None = None, *, tidy_every_s: float = TIDY_EVERY_S
    ) -> None:
        self._processes, self._settings = processes, settings or ProcessSettings()
        self._tidy_every_s = tidy_every_s
        self._awake, self._turn = asyncio.Event(), asyncio.Lock()
        self._idle_ms = IDLE_WAIT_MIN_MS
        self._stopping = self._away = False

    async def run_until_cancelled(self) -> None:
        """Work; on cancellation finish running steps, release the leases and re-raise. Survives a database outage."""
        self._stopping = False
        slots = [asyncio.create_task(self._slot()) for _ in range(self._settings.concurrency)]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                group.create_task(self._tidy())
                await asyncio.shield(asyncio.gather(*slots))
        finally:
            await self._stop(slots)

    async def _stop(self, slots: "list[asyncio.Task[None]]") -> None:
        self._stopping = True
        self._awake.set()
        try:
            _, late = await asyncio.wait(slots, timeout=self._settings.stop_timeout_s)
            if late:
                log.warning("process_steps_cut_short", steps=len(late))
        finally:
            for slot in slots:
                slot.cancel()
            await asyncio.wait(slots)

    async def _slot(self) -> None:
        while not self._stopping:
            # one slot polls at a time, so that an idle worker polls once, not once per slot
            async with self._turn:
                claimed = None if self._stopping else await self._claim()
                if claimed is None:
                    await self._idle()
                    continue
            await self._work(claimed)

    async def _claim(self) -> ClaimedProcess | None:
        self._awake.clear()
        try:
            claimed = await self._processes.claim()
        except Unavailable as error:
            if not self._away:
                log.warning("process_worker_waits", error=str(error))
            self._away = True
            return None
        self._away = False
        if claimed is not None:
            self._idle_ms = IDLE_WAIT_MIN_MS
        return claimed

    async def _idle(self) -> None:
        if self._stopping:
            return
        wait_ms = self._settings.idle_wait_max_ms if self._away else self._idle_ms
        self._idle_ms = min(self._idle_ms * 2, self._settings.idle_wait_max_ms)
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await self._awake.wait()
        except TimeoutError:
            return
        self._idle_ms = IDLE_WAIT_MIN_MS

    async def _work(self, claimed: ClaimedProcess) -> None:
        try:
            await self._processes.work(claimed, stopping=lambda: self._stopping)
        except (FenceLost, Unavailable) as error:
            # nothing is lost: another worker has the process, or takes it when the lease ends
            log.warning("process_left", key=claimed.key, error=str(error))
        except Exception:
            # one process that cannot run (its definition lacks the step) must not stop the others
            log.exception("process_broke", key=claimed.key)

    async def _listen(self) -> None:
        backoff = Backoff(wait_min_ms=LISTEN_WAIT_MIN_MS, wait_max_ms=LISTEN_WAIT_MAX_MS)
        while True:
            try:
                await self._processes.listen(self._awake.set)
                backoff.reset()
            except Unavailable as error:
                if backoff.first:
                    log.info("process_worker_polls", error=str(error))
            await asyncio.sleep(backoff.next_ms() / 1000)

    async def _tidy(self) -> None:
        retention_ms = self._settings.retention_hours * 3600 * 1000
        while True:
            try:
                await self._processes.measure()
                for _ in range(SWEEPS_MAX):
                    if await self._processes.sweep(retention_ms=retention_ms) < SWEEP_MAX:
                        break
            except Unavailable as error:
                log.info("process_tidying_waits", error=str(error))
            await asyncio.sleep(self._tidy_every_s)


async def run_until_cancelled(processes: Processes, settings: ProcessSettings | None = None) -> None:
    """``ProcessWorker.run_until_cancelled``."""
    await ProcessWorker(processes, settings).run_until_cancelled()
