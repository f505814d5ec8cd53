"""``python -m bench.catalogue``: the catalogue's reads over REST and GraphQL, cached and uncached; import; staleness.

The shop runs twice on the same data: with its caches and without. Every cell is one worker, driven at 32 connections.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import msgspec

from bench import cell, wrk
from bench.catalogue_generator import products
from bench.figures import Figures, ratio
from bench.processes import cpu_by_role
from bench.requests import request
from bench.shop import RunningShop, running_shop
from renga.apps.compose import open_process
from renga.apps.settings import load_settings, reach
from renga.platform.running import run_until_signal
from renga.platform.settings import Sources
from tests.catalog.callers import MANAGER

CONNECTIONS, SECONDS, WARM_UP_S = 32, 4, 1
IMPORTED = 19_406
CHANGES = 100
PAUSE_S, GIVE_UP_S = 0.02, 15.0
LIST = """{ products(first: 20) { edges { node { id slug title description brand image version createdAt updatedAt merchant
 variants { sku gtin image price(currency: "BRL") { amount } } } } } }"""
DETAIL = """{ product(slug: "caneca-aurora") { id slug title description brand image version createdAt updatedAt
 variants { sku gtin image price(currency: "BRL") { amount } } } }"""
SLUG = "caneca-aurora"
#: Goals of some cells, in requests per second.
GOALS = {
    ("REST list of 20", False): 3_000,
    ("GraphQL list of 20", False): 2_500,
    ("GraphQL list of 20", True): 5_000,
    ("REST detail", True): 8_000,
    ("GraphQL detail", True): 8_000,
}
GOAL_IMPORT, GOAL_STALE_S = 3_000, 1.0


def cells() -> dict[str, list[bytes]]:
    def graphql(query: str) -> list[bytes]:
        return [request("POST", "/graphql", {"query": query})]

    return {
        "REST list of 20": [request("GET", "/v1/products?limit=20")],
        # lists that nobody else asks for at the same time
        "REST, 52 lists in turn": [
            request("GET", f"/v1/products?limit={limit}&language={language}")
            for limit in range(7, 33)
            for language in ("en", "pt-BR")
        ],
        "REST detail": [request("GET", f"/v1/products/{SLUG}")],
        "GraphQL list of 20": graphql(LIST),
        "GraphQL detail": graphql(DETAIL),
        "REST search": [request("GET", "/v1/search?q=caneca&facets=none")],
        "suggest": [request("GET", "/v1/search/suggest?q=can")],
    }


class CatalogueCell(msgspec.Struct, frozen=True):
    """``cpu_us``: CPU microseconds per request of the web process and of all processes of PostgreSQL. Load of others hardly
    changes them, unlike rates."""

    figures: Figures
    cpu_us: dict[str, float]


async def measure(shop: RunningShop, cycle: Sequence[bytes], seconds: int) -> CatalogueCell:
    await cell.measure(shop.port, cycle, connections=CONNECTIONS, seconds=WARM_UP_S)
    before = cpu_by_role(shop.processes())
    figures = await cell.measure(shop.port, cycle, connections=CONNECTIONS, seconds=seconds)
    after = cpu_by_role(shop.processes())
    return CatalogueCell(
        figures,
        {
            role: (after.get(role, 0.0) - before.get(role, 0.0)) / max(figures.requests, 1) * 1e6
            for role in ("web", "postgres")
        },
    )


def table(found: Mapping[str, Mapping[bool, CatalogueCell]]) -> str:
    """Rates and CPU of every cell, without caches and with them."""
    lines = [
        f"{'requests/s':<22} {'not kept':>10} {'p95 ms':>8} {'web us':>8} {'db us':>8} {'kept':>10} {'p95 ms':>8} "
        f"{'ratio':>7}  goal"
    ]
    for name, by in found.items():
        plain, fast = by[False].figures, by[True].figures
        cpu = by[False].cpu_us
        goals = [
            f"{'kept' if kept else 'not kept'} >= {GOALS[name, kept]}"
            for kept in (False, True)
            if (name, kept) in GOALS
        ]
        lines.append(
            f"{name:<22} {plain.per_second:>10.0f} {plain.p95_us / 1000:>8.1f} {cpu['web']:>8.0f} {cpu['postgres']:>8.0f} "
            f"{fast.per_second:>10.0f} {fast.p95_us / 1000:>8.1f} {ratio(fast.per_second, plain.per_second):>7.1f}  "
            f"{', '.join(goals)}"
        )
        if plain.failed or fast.failed:
            lines.append(f"  refused or failed: {plain.failed}, {fast.failed}")
    return "\n".join(lines)


async def import_file(data: Path, file: Path, mapping: Path | None) -> tuple[int, float]:
    """Products and seconds of an import into the running shop, from a separate process."""
    command = [sys.executable, "-m", "renga.apps.cli", "import", str(file), "--data", str(data), "--skip-bad"]
    command += ["--mapping", str(mapping)] if mapping else []
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        sys.exit(f"the import failed: {output.decode()[-300:]}")
    text = output.decode()
    print(f"  {text.strip()}")
    return int(text.split(" rows", 1)[0].split()[-1]), time.monotonic() - began


def write_generated(path: Path, count: int) -> Path:
    """Write ``count`` generated products as native rows."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for one in products(count):
            row = {
                "slug": one.slug,
                "title": one.title,
                "description": one.description,
                "brand": one.brand,
                "categories": [one.category],
                "attributes": one.texts | one.numbers,
                "variants": [{"sku": one.sku, "gtin": one.gtin, "prices": {"BRL": one.price_minor}}],
            }
            file.write(encode(row) + b"\n")
    return path


async def staleness(shop: RunningShop, data: Path) -> list[float]:
    """Seconds from each change of a price (in this process) until another process's cached answer shows it."""
    settings = reach(load_settings(Sources(environment={}, overrides={"data": str(data)})))
    taken = []
    async with (
        open_process(settings) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{shop.port}") as client,
    ):
        catalog = process.opened["catalog"].own
        skus = [variant.sku for variant in (await catalog.product(SLUG)).variants]
        for number in range(CHANGES):
            amount = 5_000 + number
            await catalog.set_price(MANAGER, skus[0], "BRL", amount)
            began = time.monotonic()
            while not await _shows(client, skus[0], amount):
                if time.monotonic() - began > GIVE_UP_S:
                    sys.exit("a changed price was not seen")
                await asyncio.sleep(PAUSE_S / 10)
            taken.append(time.monotonic() - began)
            await asyncio.sleep(PAUSE_S)
    return sorted(taken)


async def _shows(client: httpx.AsyncClient, sku: str, amount: int) -> bool:
    variants = (await client.get(f"/v1/products/{SLUG}")).json()["variants"]
    prices = next(variant["prices"] for variant in variants if variant["sku"] == sku)
    return {"amount": amount, "currency": "BRL"} in prices


async def run(options: argparse.Namespace) -> None:
    if not wrk.installed():
        print("wrk is not installed: our own driver is slower, so are its figures")
    found: dict[str, dict[bool, CatalogueCell]] = {name: {} for name in cells()}
    with tempfile.TemporaryDirectory(prefix="renga-bench-") as folder:
        data = Path(folder) / "data"
        for kept in (False, True):
            async with running_shop(data, {"RENGA_CACHE_ENABLED": str(kept).lower()}) as shop:
                await shop.settle()
                for name, cycle in cells().items():
                    found[name][kept] = await measure(shop, cycle, options.seconds)
                if kept:
                    taken = await staleness(shop, data)
                    file = options.icecat or write_generated(Path(folder) / "rows.jsonl", IMPORTED)
                    mapping = Path("docs/examples/icecat.mapping.toml") if options.icecat else None
                    rows, seconds = await import_file(data, file, mapping)
    print(f"\n{table(found)}")
    p50, p95, p99 = (taken[int(len(taken) * share)] * 1000 for share in (0.5, 0.95, 0.99))
    print(f"\na new price in another process's kept answer: p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms")
    print(f"goal: p99 < {GOAL_STALE_S * 1000:.0f} ms")
    print(f"import: {rows} rows in {seconds:.1f} s, the start of the command included: {rows / seconds:.0f}/s")
    print(f"goal: >= {GOAL_IMPORT}/s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-catalog", description=__doc__)
    parser.add_argument("--icecat", type=Path, help="the Icecat file to import instead of generated rows")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="length of a cell")
    options = parser.parse_args()
    if options.icecat and not options.icecat.is_file():
        sys.exit(f"{options.icecat} is not a file")
    run_until_signal(run(options))


if __name__ == "__main__":
    main()
