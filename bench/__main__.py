"""``python -m bench``: run every measurement once, in an order without interference, and report."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from rich.console import Console

from bench import report
from bench.bare_script import bare_add, bare_script, clean_up, prepare
from bench.baselines import baselines
from bench.carts import Made, cart_key, choose_items, copy_carts, make_cart_with_keys, make_carts
from bench.cpu import cpu_by_part
from bench.machine import machine
from bench.memory import Footprint, footprint, footprint_of_one, used_memory
from bench.options import Options, read_options
from bench.results import Results
from bench.scale import ScaleCell, adds_among, spread
from bench.shop import RunningShop, ShopFailed, running_shop
from bench.startup import startup
from bench.throughput import cycles, throughput
from bench.wrk import DriverFailed
from renga.domains.cart.settings import CartSettings
from renga.kernel.clock import SystemClock, rfc3339
from renga.platform.running import run_until_signal

_SETTINGS = CartSettings()
#: Columns of the tables where the output is not a terminal.
WIDTH = 130
console = Console(stderr=True, highlight=False)


def _say(text: str) -> None:
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim] {text}")


async def run(options: Options, folder: Path) -> Results:
    """The whole run, on data folders below ``folder``. Raises ShopFailed, DriverFailed."""
    began_s = time.monotonic()
    _say("start-up, cold and warm")
    started = await startup(folder / "data", options.warm_starts)
    async with running_shop(folder / "data") as shop:
        await shop.settle()
        items = await choose_items(shop)
        few = await make_carts(shop, items, options.few)
        _say(f"adds among {options.few:,} carts")
        scale = await adds_among(shop, few, options.few, options.seconds)
        rest = await make_carts(shop, items, max(0, options.driven - options.few))
        made = msgspec.structs.replace(few, ids=few.ids + rest.ids)
        _say(f"operations over {options.driven:,} carts, {options.seconds} s a cell")
        operations = await throughput(shop, made, options.seconds)
        _say("handlers that do nothing")
        zero_results = await baselines(shop, cycles(made)["add, minimal answer"], options.seconds)
        _say("the script alone, and the CPU of an add by part")
        add = await bare_add(items[0], _SETTINGS.limits(), _SETTINGS.shards)
        await prepare(
            shop, add, await shop.redis.hgetall(cart_key(rest.ids[-1] if rest.ids else few.ids[-1], _SETTINGS.shards))
        )
        try:
            script = await bare_script(shop, add, options.seconds)
            parts = await cpu_by_part(shop, made, add, _SETTINGS.shards)
        finally:
            await clean_up(shop)
        memory, many = await _memory_and_scale(shop, made, options)
        return Results(
            at=rfc3339(SystemClock().now_ms()), took_s=time.monotonic() - began_s, options=options,
            machine=await machine(shop), operations=operations, baselines=zero_results, script=script, scale=[*scale, *many],
            memory=memory, parts=parts, startup=started, processes=shop.processes(),
        )  # fmt: skip


async def _memory_and_scale(shop: RunningShop, made: Made, options: Options) -> tuple[list[Footprint], list[ScaleCell]]:
    """Memory of small sets of carts, then of the large set, then adds among that."""
    shards = _SETTINGS.shards
    _say("memory per cart")
    fresh = await make_carts(shop, made.items, 1)
    plain, keyed = fresh.ids[0], await make_cart_with_keys(shop, made.items)
    memory = [
        await footprint(shop, "no idempotency keys", plain, options.copies, shards),
        await footprint(shop, "5 idempotency keys kept", keyed, options.copies, shards),
    ]
    count = options.carts - len(made.ids)
    _say(f"filling up to {options.carts:,} carts")
    await shop.settle()
    before = await used_memory(shop)
    copies = await copy_carts(shop, plain, count, shards)
    grown = (await used_memory(shop) - before) / count
    encoding, hash_bytes = await footprint_of_one(shop, copies[-1], shards)
    what = "no idempotency keys, the large set"
    memory.append(Footprint(what=what, carts=count, encoding=encoding, hash_bytes=hash_bytes, all_bytes=grown))
    _say(f"adds among {options.carts:,} carts")
    driven = msgspec.structs.replace(made, ids=spread(copies, options.few))
    return memory, await adds_among(shop, driven, options.carts, options.seconds)


def main() -> int:
    """Run and report: 0 whatever the goals, 1 when nothing could be measured."""
    options = read_options(sys.argv[1:])
    folder = Path(tempfile.mkdtemp(prefix="renga-bench-"))
    try:
        results = run_until_signal(run(options, folder))
    except (ShopFailed, DriverFailed) as error:
        console.print(f"bench: {error}", style="red", markup=False)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if results is None:
        return 130
    report.show(results, Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH))
    _say(f"figures: {report.keep(results).name} in bench/results")
    if options.trial:
        _say("a trial: docs/performance.md stays as it is")
    else:
        _say(f"page: docs/{report.write_page(results).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
