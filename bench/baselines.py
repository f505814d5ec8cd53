"""Baselines for the cart: a bare ASGI handler that does nothing on the same server, and the shop's own ``/healthz``."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench import cell, requests
from bench.driver import drive
from bench.figures import Figures
from bench.shop import READY_POLL_S, RunningShop, ShopFailed, environment, free_port, stop
from bench.throughput import OperationCell, measure_cell

START_TIMEOUT_S = 15.0
WARM_UP_S = 1
NOTHING, HEALTH = "do nothing (bare ASGI, same server and body)", "do nothing (GET /healthz of the shop)"


@asynccontextmanager
async def _zero_results() -> AsyncIterator[int]:
    """Run the do-nothing server in a separate process; gives its port."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.nothing", str(port), env=environment(), start_new_session=True
    )
    try:
        await _until_answers(port)
        yield port
    finally:
        await stop(process)


async def _until_answers(port: int) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    probe = [requests.request("GET", "/")]
    while time.monotonic() < deadline_s:
        try:
            if (await drive(port, probe, connections=1, count_max=1, seconds_max=1.0)).requests == 1:
                return
        except OSError:
            await asyncio.sleep(READY_POLL_S)
    raise ShopFailed("the do-nothing server did not start")


async def baselines(shop: RunningShop, adds: Sequence[bytes], seconds: int) -> list[OperationCell]:
    """Measure both (the first with the bytes of a real add) while the shop is idle."""
    settled = await shop.settle()
    found = []
    async with _zero_results() as port:
        await cell.measure(port, adds, connections=cell.CONNECTIONS[-1], seconds=WARM_UP_S)
        for connections in cell.CONNECTIONS:
            figures: Figures = await cell.measure(port, adds, connections=connections, seconds=seconds)
            found.append(
                OperationCell(operation=NOTHING, connections=connections, figures=figures, cpu_us={}, settled=settled)
            )
    health = [requests.request("GET", "/healthz")]
    return [*found, *[await measure_cell(shop, HEALTH, health, n, seconds) for n in cell.CONNECTIONS]]
