"""Measure one cell with wrk where it is installed, else with our own driver."""

from collections.abc import Sequence

from bench import driver, wrk
from bench.figures import Figures

#: Our own driver stops after this many requests even if time is left.
COUNT_MAX = 2_000_000
CONNECTIONS = (1, 32)


def driver_name() -> str:
    """The name of the driver on this machine."""
    return "wrk" if wrk.installed() else "own asyncio driver (its CPU is part of what is measured)"


async def measure(port: int, requests: Sequence[bytes], *, connections: int, seconds: int) -> Figures:
    """The figures of these requests, sent in turn over that many connections. Raises wrk.DriverFailed."""
    if wrk.installed():
        return await wrk.drive(port, requests, connections=connections, seconds=seconds)
    return await driver.drive(port, requests, connections=connections, count_max=COUNT_MAX, seconds_max=seconds)
