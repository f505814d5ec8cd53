"""``python -m bench.reads``: product detail and a list of 20 over REST and GraphQL, from caches and without them, on one worker.

Two shops with the demo products, one with caches and one without, measured in turn so that what else the machine does falls on
both alike.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

import msgspec

from bench import cell, requests
from bench.figures import Figures
from bench.shop import RunningShop, running_shop

CONNECTIONS = 32
SECONDS, ROUNDS = 3, 2
#: Shared by both: nothing refuses the one caller that measures.
_CACHED: dict[str, str] = {}
_UNCACHED = {"RENGA_CACHE_ENABLED": "false"}
LIST = """{ products(first: 20) { nodes { id slug title brand image price { amount currency }
  variants { sku price { amount } } } } }"""
DETAIL = """{ product(slug: "%s") { id slug title description brand image price { amount currency }
  variants { sku price { amount } } } }"""
#: Requests per second on one worker that we want at the least.
GOALS = {"graphql list": 5_000, "rest detail": 8_000}


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of request on one shop, measured once."""

    kind: str
    shop: str
    figures: Figures


def demo_slugs() -> list[str]:
    """The slugs of the demo products."""
    path = Path(__file__).parents[1] / "src" / "renga" / "catalog" / "demo" / "products.jsonl"
    return [str(json.loads(line)["slug"]) for line in path.read_text("utf-8").splitlines() if line.strip()]


def cycles(slugs: Sequence[str]) -> dict[str, list[bytes]]:
    """The requests of each kind, sent in turn."""
    return {
        "rest detail": [requests.request("GET", f"/v1/products/{slug}") for slug in slugs],
        "rest list": [requests.request("GET", "/v1/products?limit=20")],
        "rest categories": [requests.request("GET", "/v1/categories")],
        "graphql detail": [requests.request("GET", f"/graphql?query={quote(DETAIL % slug)}") for slug in slugs],
        "graphql list": [requests.request("GET", f"/graphql?query={quote(LIST)}")],
    }


async def measure(shops: dict[str, RunningShop], *, seconds: int, rounds: int) -> list[Cell]:
    """Every kind on every shop, ``rounds`` times in turn."""
    found = []
    kinds = cycles(demo_slugs())
    for round_number in range(rounds):
        for kind, cycle in kinds.items():
            for name, shop in shops.items():
                if round_number == 0:
                    await cell.measure(shop.port, cycle, connections=CONNECTIONS, seconds=1)
                figures = await cell.measure(shop.port, cycle, connections=CONNECTIONS, seconds=seconds)
                found.append(Cell(kind=kind, shop=name, figures=figures))
    return found


def table(cells: Sequence[Cell]) -> str:
    """Medians as text; what is from caches beside what is not."""
    lines = [
        f"{'':16} {'cached/s':>9} {'p50 µs':>8} {'p99 µs':>8} {'uncached/s':>11} {'p50 µs':>8} {'p99 µs':>8} {'ratio':>6}"
    ]
    for kind in dict.fromkeys(one.kind for one in cells):
        row, rates = f"{kind:16}", []
        for shop, width in (("cached", 9), ("uncached", 11)):
            mine = [one.figures for one in cells if one.kind == kind and one.shop == shop]
            rate = statistics.median(one.per_second for one in mine)
            p50, p99 = (statistics.median(getattr(one, name) for one in mine) for name in ("p50_us", "p99_us"))
            failed = sum(one.failed for one in mine)
            row += f" {rate:{width},.0f} {p50:8,.0f} {p99:8,.0f}" + (f" ({failed} failed)" if failed else "")
            rates.append(rate)
        goal = f"  goal {GOALS[kind]:,}/s" if kind in GOALS else ""
        lines.append(f"{row} {rates[0] / rates[1]:6.1f}{goal}")
    return "\n".join(lines)


async def main(seconds: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="renga-bench-") as folder:
        async with AsyncExitStack() as stack:
            shops = {
                name: await stack.enter_async_context(running_shop(Path(folder) / name, settings))
                for name, settings in (("cached", _CACHED), ("uncached", _UNCACHED))
            }
            print(table(await measure(shops, seconds=seconds, rounds=rounds)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    told = parser.parse_args()
    asyncio.run(main(told.seconds, told.rounds))
