"""A fair share of named leases: workers divide the outboxes among themselves; those of a dead worker are taken in seconds."""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import structlog

from renga.platform.redis.leases import TTL_MS, WORKER_TTL_MS, HeldLeases, Leases, LeasesUnavailable

__all__ = [
    "MARGIN_MS",
    "TICK_MS",
    "TTL_MS",
    "WORKER_TTL_MS",
    "LeaseHolder",
    "LeaseKeeper",
    "Leases",
    "LeasesUnavailable",
]

log = structlog.get_logger(__name__)

#: How often leases are renewed (twice before they lapse), and how many renewals later the shares are recomputed.
TICK_MS = 2_000
SHARE_EVERY = 2
#: A holder stops this long before its lease ends: for clock drift and for running work.
MARGIN_MS = 500
NAMES_MAX = 4_096


class LeaseHolder(Protocol):
    """What the relay needs of the leases."""

    def held(self) -> frozenset[str]:
        """The names that may be used at this moment."""
        ...

    def using(self, names: Iterable[str]) -> AbstractContextManager[None]:
        """While the context is open these leases are not given up voluntarily."""
        ...


class LeaseKeeper:
    """Holds ``ceil(names / live workers)`` of the leases. Start ``run``; call ``held`` before every use.

    A surplus lease leaves ``held`` at once, but is released only when it is not in ``using``, so that the next holder does
    not start while this one processes a batch.
    """

    def __init__(
        self,
        leases: Leases,
        names: Sequence[str],
        *,
        group: str = "relay",
        monotonic: Callable[[], float] = time.monotonic,
        shuffle: Callable[[list[str]], None] = random.shuffle,
    ) -> None:
        if len(names) > NAMES_MAX:
            raise ValueError(f"at most {NAMES_MAX} leases, not {len(names)}")
        self._leases, self._names, self._group = leases, tuple(names), group
        self._monotonic, self._shuffle = monotonic, shuffle
        self._held = HeldLeases(leases.ttl_ms, monotonic, margin_ms=min(MARGIN_MS, leases.ttl_ms // 4))
        self._leaving: set[str] = set()
        self._in_use: Counter[str] = Counter()
        self._away = False
        self._told: frozenset[str] = frozenset()
        self._tell: Callable[[], None] | None = None

    def tell(self, changed: Callable[[], None]) -> None:
        """Call this whenever other leases are held than before."""
        self._tell = changed

    def held(self) -> frozenset[str]:
        """The names that may be used now, without those whose renewal is overdue."""
        return self._held.names - self._leaving

    @contextmanager
    def using(self, names: Iterable[str]) -> Iterator[None]:
        """While the context is open these are not released; they can still be lost if renewal fails: check ``held``."""
        names = tuple(names)
        self._in_use.update(names)
        try:
            yield
        finally:
            self._in_use.subtract(names)

    async def run(self) -> None:
        """Keep the share until cancelled; then release all leases."""
        wait_s = min(TICK_MS, self._leases.ttl_ms * 2 / 5) / 1000
        try:
            while True:
                await self._or_log(self.tick())
                for _ in range(SHARE_EVERY - 1):
                    await asyncio.sleep(wait_s)
                    await self._or_log(self._renew())
                await asyncio.sleep(wait_s)
        finally:
            await self._give_all_back()

    async def _or_log(self, work: Awaitable[None]) -> None:
        try:
            await work
        except LeasesUnavailable as error:
            if not self._away:
                log.warning("leases_unavailable", group=self._group, error=str(error))
            self._away = True
        else:
            if self._away:
                log.info("leases_back", group=self._group, held=len(self.held()))
            self._away = False
        if self._tell is not None and self.held() != self._told:
            self._told = self.held()
            self._tell()

    async def tick(self) -> None:
        """Renew, release the surplus, acquire free leases. Raises LeasesUnavailable."""
        await self._renew()
        alive = await self._leases.heartbeat(self._group)
        share = math.ceil(len(self._names) / max(alive, 1))
        mine = self._held.known - self._leaving
        if len(mine) > share:
            self._leaving.update(sorted(mine)[share:])
        await self._give_back()
        if len(mine) < share:
            await self._take(share - len(mine))

    async def _renew(self) -> None:
        sent_at, known = self._monotonic(), self._held.known
        ours = await self._leases.renew(sorted(known))
        self._held.confirm(ours, sent_at)
        lost = known - ours
        if lost:
            log.warning("leases_lost", group=self._group, count=len(lost))
            self._held.forget(lost)
            self._leaving -= lost

    async def _give_back(self) -> None:
        idle = sorted(name for name in self._leaving if not self._in_use[name])
        await self._leases.release(idle)
        self._held.forget(idle)
        self._leaving.difference_update(idle)

    async def _take(self, wanted: int) -> None:
        others = [name for name in self._names if name not in self._held.known]
        free = await self._leases.free(others)
        self._shuffle(free)  # random order, so that workers do not compete for the same leases
        sent_at = self._monotonic()
        self._held.confirm(await self._leases.acquire(free[:wanted]), sent_at)

    async def _give_all_back(self) -> None:
        known = sorted(self._held.known)
        self._held.forget(known)
        self._leaving.clear()
        try:
            await self._leases.release(known)
            await self._leases.leave(self._group)
        except LeasesUnavailable as error:
            log.warning("leases_not_released", group=self._group, count=len(known), error=str(error))
