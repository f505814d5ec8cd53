"""``python -m bench.redis_clients``: our Redis connection compared with redis-py, valkey-py and valkey-glide.

One process, one Valkey, uvloop as in the shop. Each round measures every client once per cell, in rotating order, so that other
load affects all equally. The tables show medians: of the rounds, and of each round's ratio to HotRedis. CPU is that of this
process with its threads. The number of commands per socket read is counted by the server. A client that is not installed is
left out.
"""

import argparse
import asyncio
import importlib.metadata
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import redis.asyncio as redis_py
import uvloop

from bench.bare_script import DEADLINES, OUTBOX, PREFIX, BareAdd, bare_add
from bench.carts import Item, cart_key
from bench.figures import Figures, from_latencies
from renga.domains.cart.ports import CartLimits, Guard
from renga.domains.cart.stores.redis import RedisCartStore
from renga.kernel.clock import SystemClock
from renga.kernel.ids import uuid7
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.valkey import Valkey
from renga.platform.redis.client import HotRedis

CONCURRENCY = (1, 16, 128)
ROUNDS, CALLS = 9, 1_500
#: With one caller calls are sequential: fewer calls suffice.
CALLS_ALONE = 400
CARTS, SHARDS = 500, 16
TIMEOUT_S = 5.0
VALUE_KEY, VALUE = "bench:value", b"x" * 200

Call = Callable[[int], Awaitable[Any]]
#: By call, callers and client: each round's figures and CPU microseconds of a call.
Found = dict[tuple[str, int, str], list[tuple[Figures, float]]]


class RedisClient(msgspec.Struct, frozen=True):
    """A connected client: ``add`` to the cart with a number, and ``get``."""

    name: str
    add: Call
    get: Call
    close: Callable[[], Awaitable[Any]]


class Wanted(msgspec.Struct, frozen=True):
    """The add's arguments for every cart, made before anything is measured, as each client takes them."""

    add: BareAdd
    keys: list[tuple[str, str, str]]
    arguments: list[tuple[Any, ...]]
    texts: list[list[str | bytes]]


def wanted_calls(add: BareAdd) -> Wanted:
    numbers = [f"{number:012d}" for number in range(CARTS)]
    arguments = [add.filled(number) for number in numbers]
    texts = [[one if isinstance(one, bytes) else str(one) for one in some] for some in arguments]
    return Wanted(add, [add.keys(number) for number in numbers], arguments, texts)


async def own(url: str, wanted: Wanted) -> RedisClient:
    client = HotRedis(url, attempt_timeout_s=TIMEOUT_S, deadline_s=TIMEOUT_S)

    async def add(number: int) -> Any:
        cart = number % CARTS
        return await client.run(wanted.add.script, wanted.keys[cart], wanted.arguments[cart], repeatable=False)

    return RedisClient("HotRedis", add, lambda number: client.call(VALUE_KEY, "GET", VALUE_KEY), client.close)


async def forked(module: Any, name: str, url: str, wanted: Wanted) -> RedisClient:
    """redis-py or valkey-py: a connection pool, one connection per running call."""
    client = module.from_url(url, socket_timeout=TIMEOUT_S, max_connections=max(CONCURRENCY), protocol=2)
    sha = wanted.add.script.sha

    async def add(number: int) -> Any:
        cart = number % CARTS
        return await client.evalsha(sha, 3, *wanted.keys[cart], *wanted.arguments[cart])

    return RedisClient(name, add, lambda number: client.get(VALUE_KEY), client.aclose)


async def glide(url: str, wanted: Wanted) -> RedisClient:
    """One connection that all calls share, in Rust. Raises ImportError."""
    import glide as library

    address = urlsplit(url)
    configuration = library.GlideClientConfiguration(
        [library.NodeAddress(address.hostname, address.port)],
        credentials=library.ServerCredentials(password=address.password),
        request_timeout=int(TIMEOUT_S * 1000),
        protocol=library.ProtocolVersion.RESP2,
    )
    client = await library.GlideClient.create(configuration)
    script = library.Script(wanted.add.script.text)
    keys: list[list[str | bytes]] = [list(some) for some in wanted.keys]

    async def add(number: int) -> Any:
        cart = number % CARTS
        return await client.invoke_script(script, keys[cart], wanted.texts[cart])

    return RedisClient("valkey-glide", add, lambda number: client.get(VALUE_KEY), client.close)


async def clients(url: str, wanted: Wanted) -> list[RedisClient]:
    made = [await own(url, wanted), await forked(redis_py, "redis-py", url, wanted)]
    try:
        import valkey.asyncio as valkey_py

        made.append(await forked(valkey_py, "valkey-py", url, wanted))
    except ImportError:
        print("valkey-py is not installed: left out", file=sys.stderr)
    try:
        made.append(await glide(url, wanted))
    except ImportError:
        print("valkey-glide is not installed: left out", file=sys.stderr)
    return made


async def prepare(url: str, item: Item) -> BareAdd:
    """Create carts of one line, each on a separate key; load the script."""
    hot = HotRedis(url)
    add = await bare_add(item, CartLimits(), SHARDS)
    store = RedisCartStore(hot, shards=SHARDS, limits=CartLimits())
    template = str(uuid7(SystemClock().now_ms(), secrets.randbits(74)))
    await store.create(template, "BRL", CartLimits().life_ms, Guard())
    client: Any = redis_py.from_url(url)
    fields = await client.hgetall(cart_key(template, SHARDS))
    assert fields, "the template is a cart"
    await client.script_load(add.script.text)
    await client.set(VALUE_KEY, VALUE)
    for number in range(CARTS):
        await client.hset(f"{PREFIX}{number:012d}", mapping=fields)
    reply = await hot.run(add.script, add.keys("0" * 12), add.filled("0" * 12), repeatable=False)
    assert reply[0] == b"ok", reply
    await client.aclose()
    await hot.close()
    return add


async def measure(call: Call, concurrency: int, calls: int) -> tuple[Figures, float]:
    """Latencies and rate of concurrent callers, and the CPU microseconds of a call."""
    latencies: list[float] = []

    async def caller(first: int) -> None:
        for number in range(first, calls, concurrency):
            began = time.perf_counter()
            await call(number)
            latencies.append((time.perf_counter() - began) * 1e6)

    await asyncio.gather(*(call(number) for number in range(concurrency)))  # connections are open
    began_cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(caller(first) for first in range(concurrency)))
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    return from_latencies(latencies, seconds, 0), cpu_s / calls * 1e6


async def commands_per_read(server: Any, client: RedisClient, concurrency: int) -> float:
    """GETs per socket read, by the server's counters."""
    await measure(client.get, concurrency, concurrency)
    before = await server.info("stats")
    await measure(client.get, concurrency, CALLS)
    after = await server.info("stats")
    commands, reads = (after[name] - before[name] for name in ("total_commands_processed", "total_reads_processed"))
    return float(commands / reads)


async def run(url: str, rounds: int) -> None:
    wanted = wanted_calls(await prepare(url, Item("MUG", "Caneca", {"BRL": 1_999, "USD": 499})))
    made = await clients(url, wanted)
    quiet: Any = redis_py.from_url(url)
    found: Found = {}
    for turn in range(rounds):
        shifted = made[turn % len(made) :] + made[: turn % len(made)]
        for concurrency in CONCURRENCY:
            for client in shifted:
                for command in ("add", "get"):
                    calls = CALLS_ALONE if concurrency == 1 else CALLS
                    figures = await measure(getattr(client, command), concurrency, calls)
                    found.setdefault((command, concurrency, client.name), []).append(figures)
                    await quiet.unlink(OUTBOX, DEADLINES)
    report(found, [client.name for client in made], rounds)
    print("\nCommands in one read of the server:")
    for concurrency in CONCURRENCY:
        together = [f"{client.name} {await commands_per_read(quiet, client, concurrency):.1f}" for client in made]
        print(f"{concurrency} callers:", ", ".join(together))
    await quiet.aclose()
    for client in made:
        await client.close()


def report(found: dict[tuple[str, int, str], list[tuple[Figures, float]]], names: Sequence[str], rounds: int) -> None:
    versions = {}
    for name in ("redis", "hiredis", "valkey", "valkey-glide", "uvloop"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "-"
    print(f"{rounds} rounds, {os.cpu_count()} cores, Python {sys.version.split()[0]},", versions)
    print("\n| call | callers | client | calls/s | of HotRedis | p50 µs | p99 µs | CPU µs/call | of HotRedis |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for command in ("add", "get"):
        for concurrency in CONCURRENCY:
            for name in names:
                print(row(command, concurrency, name, found))


def row(command: str, concurrency: int, name: str, found: Found) -> str:
    """One line of the table."""
    cell, own = found[command, concurrency, name], found[command, concurrency, "HotRedis"]
    rate, p50, p99 = (
        statistics.median(getattr(figures, what) for figures, _ in cell) for what in ("per_second", "p50_us", "p99_us")
    )
    cpu = statistics.median(cpu for _, cpu in cell)
    rates = statistics.median(one[0].per_second / base[0].per_second for one, base in zip(cell, own, strict=True))
    cpus = statistics.median(one[1] / base[1] for one, base in zip(cell, own, strict=True))
    return (
        f"| {command} | {concurrency} | {name} | {rate:,.0f} | {rates:.2f} "
        f"| {p50:,.0f} | {p99:,.0f} | {cpu:.0f} | {cpus:.1f} |"
    )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="renga-bench-") as folder, DataFolder(Path(folder)).hold() as data:
        engine = Valkey(data)
        await engine.start()
        try:
            await run(engine.url, asked.rounds)
        finally:
            await engine.stop(TIMEOUT_S)


if __name__ == "__main__":
    uvloop.run(main())
