"""Measured: how soon ``renga up`` is ready, cold and warm, and the memory of its processes."""

from pathlib import Path

import msgspec

from bench.figures import median
from bench.processes import DATABASES, Process
from bench.shop import running_shop


class Startup(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the start of ``renga up`` until ``/readyz`` answers 200; warm is the median of its runs."""

    cold_s: float
    warm_runs_s: list[float]

    @property
    def warm_s(self) -> float:
        return median(self.warm_runs_s)


async def startup(data: Path, warm_starts: int) -> Startup:
    """Start on a new folder, then repeatedly on the same one."""
    async with running_shop(data) as shop:
        cold_s = shop.ready_s
    warm = []
    for _ in range(warm_starts):
        async with running_shop(data) as shop:
            warm.append(shop.ready_s)
    return Startup(cold_s=cold_s, warm_runs_s=warm)


def own_rss_bytes(processes: list[Process]) -> int:
    """Resident memory of all processes but the databases'."""
    return sum(process.rss_bytes for process in processes if process.role not in DATABASES)
