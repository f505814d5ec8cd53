"""Measured: the script of an add alone, through redis-benchmark on the shop's own Valkey."""

import asyncio
import shutil
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.carts import Item
from bench.cell import CONNECTIONS
from bench.figures import Figures, from_latencies
from bench.shop import RunningShop, ShopFailed
from renga.domains.cart.contract import USUAL_TERMS, NewLine
from renga.domains.cart.line_prices import line_argument
from renga.domains.cart.ports import CartLimits, Guard
from renga.domains.cart.stock import NOT_COUNTED
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.catalog.contract import Offer
from renga.platform.redis.client import HotRedis, Script

CARTS = 5_000
CALIBRATE, CALLS_MAX = 5_000, 400_000
RUN_TIMEOUT_S = 120.0
PREFIX, OUTBOX, DEADLINES = "bench:{0}:", "bench:{0}:outbox", "bench:{0}:deadlines"
_RANDOM = "__rand_int__"


class ScriptCell(msgspec.Struct, frozen=True, kw_only=True):
    """The bare script at one number of connections, and which driver called it."""

    connections: int
    figures: Figures
    driver: str


class BareAdd(msgspec.Struct, frozen=True):
    """The add script with the arguments that the store would send; the cart's key and id are ``__rand_int__``."""

    script: Script
    arguments: tuple[str | int | bytes, ...]

    def keys(self, number: str) -> tuple[str, str, str]:
        return PREFIX + number, OUTBOX, DEADLINES

    def filled(self, number: str) -> tuple[str | int | bytes, ...]:
        """The arguments for one cart."""
        return tuple(number if argument == _RANDOM else argument for argument in self.arguments)


class _Recorder(HotRedis):
    """A fake server that records what the store sends."""

    def __init__(self) -> None:
        self.seen: tuple[Script, tuple[Any, ...]] | None = None

    async def run(self, script: Script, keys: tuple[str, ...], args: tuple[Any, ...], *, repeatable: bool) -> Any:
        self.seen = (script, args)
        return [b"ok", 1, b"0", b"", 0, None]


def offer_of(item: Item) -> Offer:
    """The item's offer, as the catalogue's contract returns it."""
    title = {"pt-BR": item.title}
    return Offer(sku=item.sku, slug="", title=title, prices=item.prices, image=None, product_version=1)


async def bare_add(item: Item, limits: CartLimits, shards: int) -> BareAdd:
    """The command that an add of one more of the item sends, recorded from the store's own code."""
    recorder = _Recorder()
    store = RedisCartStore(recorder, shards=shards, limits=limits)
    line = NewLine(sku=item.sku, quantity=1)
    key = USUAL_TERMS.price_key
    argument = line_argument(line, offer_of(item), NOT_COUNTED, price_key=key, language="pt-BR", at=str)
    await store.add(_RANDOM, argument, Guard(whole=False, price_key=key))
    assert recorder.seen is not None
    return BareAdd(*recorder.seen)


async def prepare(shop: RunningShop, add: BareAdd, template_fields: dict[bytes, bytes]) -> None:
    """Copies of a cart on separate keys, with a separate outbox that no relay reads; loads the script."""
    pipeline = shop.redis.pipeline(transaction=False)
    pipeline.script_load(add.script.text)
    for number in range(CARTS):
        pipeline.hset(f"{PREFIX}{number:012d}", mapping=template_fields)
    await pipeline.execute()


async def clean_up(shop: RunningShop) -> None:
    await shop.redis.unlink(OUTBOX, DEADLINES, *(f"{PREFIX}{number:012d}" for number in range(CARTS)))


async def bare_script(shop: RunningShop, add: BareAdd, seconds: int) -> list[ScriptCell]:
    """Both numbers of connections, each for about that many seconds. Raises ShopFailed when adds were refused."""
    found, called = [], 0
    before = await shop.redis.xlen(OUTBOX)
    for connections in CONNECTIONS:
        rough = await _call(shop, add, connections, CALIBRATE)
        count = max(CALIBRATE, min(CALLS_MAX, int(rough.figures.per_second * seconds)))
        found.append(await _call(shop, add, connections, count))
        called += CALIBRATE + count
    made = await shop.redis.xlen(OUTBOX) - before
    if made != called:
        raise ShopFailed(f"{called} adds were called on the store and {made} made their event")
    return found


async def _call(shop: RunningShop, add: BareAdd, connections: int, count: int) -> ScriptCell:
    if shutil.which("redis-benchmark"):
        figures = await _redis_benchmark(shop.redis_url, add, connections, count)
        return ScriptCell(connections=connections, figures=figures, driver="redis-benchmark")
    figures = await _own(shop.redis_url, add, connections, count)
    return ScriptCell(connections=connections, figures=figures, driver="own asyncio driver on hiredis")


async def _redis_benchmark(url: str, add: BareAdd, connections: int, count: int) -> Figures:
    address = urlsplit(url)
    plain = [one.decode() if isinstance(one, bytes) else str(one) for one in add.arguments]
    process = await asyncio.create_subprocess_exec(
        "redis-benchmark", "-h", "127.0.0.1", "-p", str(address.port), "-a", str(address.password),
        "-c", str(connections), "-n", str(count), "-r", str(CARTS),
        "--csv", "EVALSHA", add.script.sha, "3", *add.keys(_RANDOM), *plain,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        output, said = await asyncio.wait_for(process.communicate(), RUN_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise ShopFailed("redis-benchmark did not end in time") from None
    return parse_csv(output.decode(errors="replace"), count, said.decode(errors="replace"))


def parse_csv(output: str, count: int, said: str = "") -> Figures:
    """The figures in ``redis-benchmark --csv``: a header line, then one row. Raises ShopFailed if there are none.

    The row is read from its end: its first column is the command, whose quotes the program does not escape.
    """
    lines = output.strip().splitlines()
    names = lines[-2].replace('"', "").split(",")[1:] if len(lines) > 1 else []
    values = lines[-1].rsplit(",", len(names))[1:] if names else []
    try:
        row = {name: float(value.strip('"')) for name, value in zip(names, values, strict=True)}
        per_second = row["rps"]
        p50, p95, p99 = (row[f"p{n}_latency_ms"] * 1000 for n in (50, 95, 99))
    except (KeyError, ValueError) as error:
        raise ShopFailed(f"redis-benchmark printed no result: {(output + said).strip()[-300:]}") from error
    return Figures(requests=count, seconds=count / per_second, failed=0, p50_us=p50, p95_us=p95, p99_us=p99)


async def _own(url: str, add: BareAdd, connections: int, count: int) -> Figures:
    """Concurrent callers on the shop's own client, used if redis-benchmark is not installed."""
    redis = HotRedis(url)
    latencies: list[float] = []

    async def caller(first: int) -> None:
        for number in range(first, count, connections):
            cart = f"{number % CARTS:012d}"
            began_s = time.perf_counter()
            await redis.run(add.script, add.keys(cart), add.filled(cart), repeatable=False)
            latencies.append((time.perf_counter() - began_s) * 1e6)

    began_s = time.perf_counter()
    try:
        await asyncio.gather(*(caller(first) for first in range(connections)))
    finally:
        await redis.close()
    return from_latencies(latencies, time.perf_counter() - began_s, 0)
