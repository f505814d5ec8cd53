"""Measured: whether an add costs the same among a thousand carts as among a million."""

from collections.abc import Sequence

import msgspec

from bench import cell, requests
from bench.carts import Made
from bench.shop import RunningShop
from bench.throughput import WARM_UP_S, OperationCell, measure_cell


class ScaleCell(msgspec.Struct, frozen=True, kw_only=True):
    """An add among ``live`` carts, ``driven`` of which were changed in turn."""

    live: int
    driven: int
    cell: OperationCell


def spread(ids: Sequence[str], most: int) -> list[str]:
    """At most ``most`` of the ids, evenly spread."""
    step = max(1, -(-len(ids) // most))
    return list(ids[::step])


async def adds_among(shop: RunningShop, made: Made, live: int, seconds: int) -> list[ScaleCell]:
    """Minimal adds to these carts, in turn, at every number of connections, while ``live`` carts are in the store."""
    per_line = [[requests.add(cart_id, item.sku, requests.MINIMAL) for cart_id in made.ids] for item in made.items]
    lines = len(per_line)
    cycle = [per_line[number % lines][number] for number in range(len(made.ids))]
    await cell.measure(shop.port, cycle, connections=cell.CONNECTIONS[-1], seconds=WARM_UP_S)
    return [
        ScaleCell(
            live=live,
            driven=len(made.ids),
            cell=await measure_cell(shop, "add, minimal answer", cycle, connections, seconds),
        )
        for connections in cell.CONNECTIONS
    ]
