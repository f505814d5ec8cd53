"""``python -m bench.inventory``: reservations a second for one sku and for many, in turn, in one process on its own PostgreSQL.

Buyers ask again as soon as they are answered. The share of the hot sku is what a row that everybody wants costs.
"""

import argparse
import asyncio
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bench.figures import Figures, from_latencies, median
from bench.processes import cpu_by_role, tree
from renga.apps.modules import MODULES
from renga.domains.inventory.contract import ALL_LEVELS, RESERVING, NewReservation, WantedLine
from renga.domains.inventory.contract.levels import StockRow
from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.model.allocating import Parts
from renga.domains.inventory.opening import stock_on_postgres
from renga.domains.inventory.ports import SkuOwner
from renga.kernel.caller import Caller
from renga.kernel.clock import SystemClock
from renga.kernel.ids import id_source
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.postgres import Postgres
from renga.platform.postgres.migrations import upgrade
from renga.platform.postgres.pool import open_pool
from renga.platform.running import run_until_signal

BUYERS, SKUS, SECONDS, ROUNDS = 256, 1_000, 5, 3
WARM_UP_S = 0.5
UNITS = 1_000_000
#: Reservations a second on many skus, and what share of that one sku reaches.
GOAL_PER_S, GOAL_SHARE = 2_000, 0.5
ORDERS, KEEPER = Caller.of_system("bench", RESERVING), Caller.of_system("bench", ALL_LEVELS)


class NoBundles:
    """Compositions of skus that are no bundles."""

    async def parts(self, skus: Sequence[str]) -> Mapping[str, Parts]:
        return {}

    async def owners(self, skus: Sequence[str]) -> Mapping[str, SkuOwner]:
        return {sku: SkuOwner("house", bundle=False) for sku in skus}

    async def countable(self) -> Sequence[str]:
        return ()


class StockCell(msgspec.Struct, frozen=True):
    """How many skus the buyers share, and what was measured in each round; ``cpu_us`` is that of both processes."""

    skus: int
    rounds: list[Figures] = []
    program_us: list[float] = []
    database_us: list[float] = []


@asynccontextmanager
async def running_stock(folder: Path, skus: int) -> AsyncIterator[tuple[LocalStock, int]]:
    """An inventory with stock on a PostgreSQL of its own, and the server's process id."""
    engine = Postgres(DataFolder(folder))
    await engine.start()
    try:
        await upgrade(
            engine.url, [module.migrations for module in MODULES if module.name == "inventory" and module.migrations]
        )
        pool, clock = await open_pool(engine.url), SystemClock()
        stock = stock_on_postgres(pool, NoBundles(), clock=clock, new_id=id_source(clock), secret=b"bench" * 8)
        rows = [StockRow(sku=f"SKU-{number}", on_hand=UNITS) for number in range(skus)]
        await stock.import_levels(KEEPER, rows)
        assert engine.pid is not None
        try:
            yield stock, engine.pid
        finally:
            await stock.queue.close()
            await pool.close()
    finally:
        await engine.stop(10.0)


async def buy(stock: LocalStock, skus: int, buyers: int, seconds: float) -> Figures:
    """Everybody reserves one unit again and again; failures are counted, not retried."""
    numbers, keys = itertools.count(), f"{time.time_ns()}"
    until = time.perf_counter() + seconds
    latencies: list[float] = []

    async def buyer() -> None:
        while (began := time.perf_counter()) < until:
            number = next(numbers)
            line = WantedLine(f"SKU-{number % skus}", 1000)
            await stock.reserve(ORDERS, NewReservation(reference="bench", lines=(line,), key=f"{keys}-{number}"))
            latencies.append((time.perf_counter() - began) * 1e6)

    began = time.perf_counter()
    await asyncio.gather(*(buyer() for _ in range(buyers)))
    return from_latencies(latencies, time.perf_counter() - began, failed=0)


async def measure(stock: LocalStock, server: int, one: StockCell, buyers: int, seconds: float) -> None:
    """One round."""
    await buy(stock, one.skus, buyers, WARM_UP_S)
    own, theirs = _own_cpu_s(), _database_cpu_s(server)
    figures = await buy(stock, one.skus, buyers, seconds)
    one.rounds.append(figures)
    one.program_us.append((_own_cpu_s() - own) / figures.requests * 1e6)
    one.database_us.append((_database_cpu_s(server) - theirs) / figures.requests * 1e6)


async def measured(skus: int, buyers: int, seconds: float, rounds: int) -> list[StockCell]:
    """One sku and many, in turn."""
    cells = [StockCell(1, [], [], []), StockCell(skus, [], [], [])]
    with tempfile.TemporaryDirectory(prefix="renga-bench-") as folder:
        async with running_stock(Path(folder) / "data", skus) as (stock, server):
            for _ in range(rounds):
                for one in cells:
                    await measure(stock, server, one, buyers, seconds)
            broken = await stock.verify(KEEPER)
    if broken:
        raise SystemExit(f"{len(broken)} levels do not add up after the run")
    return cells


def report(cells: Sequence[StockCell]) -> str:
    """The table of the medians, and whether the goals are met."""
    lines = ["skus    reservations/s   p50 ms   p95 ms   program µs   database µs"]
    rates = {}
    for one in cells:
        rates[one.skus] = median([figures.per_second for figures in one.rounds])
        p50, p95 = (median([getattr(figures, name) for figures in one.rounds]) / 1000 for name in ("p50_us", "p95_us"))
        lines.append(
            f"{one.skus:5,}   {rates[one.skus]:14,.0f}   {p50:6.1f}   {p95:6.1f}   {median(one.program_us):10.0f}   "
            f"{median(one.database_us):11.0f}"
        )
    hot, spread = rates[min(rates)], rates[max(rates)]
    share = hot / spread if spread else 0.0
    lines.append(f"one sku reaches {share:.0%} of many (goal {GOAL_SHARE:.0%}); many: goal {GOAL_PER_S:,}/s")
    return "\n".join(lines)


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _database_cpu_s(server: int) -> float:
    return sum(cpu_by_role(tree(server)).values())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.inventory", description=__doc__)
    parser.add_argument("--skus", type=int, default=SKUS)
    parser.add_argument("--buyers", type=int, default=BUYERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    cells = run_until_signal(measured(chosen.skus, chosen.buyers, chosen.seconds, chosen.rounds))
    if cells is None:
        sys.exit(130)
    print(report(cells))


if __name__ == "__main__":
    main()
