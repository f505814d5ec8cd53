"""Measured: the cart's operations over HTTP at 1 and 32 connections, and the CPU of each process per add."""

from collections.abc import Callable, Sequence

import msgspec

from bench import cell, requests
from bench.carts import Made
from bench.figures import Figures
from bench.processes import cpu_by_role
from bench.shop import RunningShop

WARM_UP_S = 1
#: Requests in one cycle of the driver, at most: each is a string in its memory.
CYCLE_MAX = 50_000


class OperationCell(msgspec.Struct, frozen=True, kw_only=True):
    """One operation at one number of connections.

    ``cpu_us`` is CPU per request by process, ``settled`` whether the shop was idle before.
    """

    operation: str
    connections: int
    figures: Figures
    cpu_us: dict[str, float]
    settled: bool


def cycles(made: Made) -> dict[str, list[bytes]]:
    """The requests of each operation: every cart in turn, and every line of it in turn."""

    def each(build: Callable[[str, int], bytes]) -> list[bytes]:
        whole = [build(cart_id, number) for number in range(len(made.lines)) for cart_id in made.ids]
        return whole[:CYCLE_MAX]

    return {
        "add, minimal answer": each(lambda cart, n: requests.add(cart, made.items[n].sku, requests.MINIMAL)),
        "add, whole cart": each(lambda cart, n: requests.add(cart, made.items[n].sku)),
        "set quantity, minimal answer": each(lambda cart, n: requests.set_quantity(cart, made.lines[n], n + 2)),
        "read": [requests.read(cart) for cart in made.ids][:CYCLE_MAX],
    }


async def measure_cell(
    shop: RunningShop, operation: str, cycle: Sequence[bytes], connections: int, seconds: int
) -> OperationCell:
    """Wait until the shop is idle, then measure."""
    settled = await shop.settle()
    before = cpu_by_role(shop.processes())
    figures = await cell.measure(shop.port, cycle, connections=connections, seconds=seconds)
    after = cpu_by_role(shop.processes())
    count = max(figures.requests, 1)
    cpu_us = {role: (total - before.get(role, 0.0)) / count * 1e6 for role, total in sorted(after.items())}
    return OperationCell(operation=operation, connections=connections, figures=figures, cpu_us=cpu_us, settled=settled)


async def throughput(shop: RunningShop, made: Made, seconds: int) -> list[OperationCell]:
    """Every operation at every number of connections."""
    found = []
    for operation, cycle in cycles(made).items():
        await cell.measure(shop.port, cycle, connections=cell.CONNECTIONS[-1], seconds=WARM_UP_S)
        for connections in cell.CONNECTIONS:
            found.append(await measure_cell(shop, operation, cycle, connections, seconds))
    return found
