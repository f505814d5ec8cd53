"""Measured: the CPU of an add by part. Each part is the shop's real function, called in a loop in this process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from bench.bare_script import CARTS, BareAdd
from bench.carts import Made, cart_key
from bench.figures import median
from bench.parts import Parts
from bench.shop import CALL_TIMEOUT_S, RunningShop
from renga.domains.cart.stores.redis_codec import decode_cart
from renga.platform.redis.client import HotRedis
from renga.platform.redis.driver import make_client

CALLS, REPEATS = 4_000, 5
CONCURRENCY = 32


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """CPU microseconds of one call (median of the repeats); ``group`` says what it is a part of."""

    group: str
    name: str
    cpu_us: float


async def cpu_us_of(step: Callable[[], Awaitable[object]]) -> float:
    """CPU time of this process per call of an async function that does not wait."""
    takes = []
    for _ in range(REPEATS):
        began_ns = time.process_time_ns()
        for _ in range(CALLS):
            await step()
        takes.append((time.process_time_ns() - began_ns) / CALLS / 1000)
    return median(takes)


async def cpu_us_at_concurrency(call: Callable[[int], Awaitable[object]]) -> float:
    """CPU time of this process per call, with CONCURRENCY concurrent callers."""

    async def caller(first: int) -> None:
        for number in range(first, CALLS, CONCURRENCY):
            await call(number)

    takes = []
    for _ in range(REPEATS):
        began_ns = time.process_time_ns()
        await asyncio.gather(*(caller(first) for first in range(CONCURRENCY)))
        takes.append((time.process_time_ns() - began_ns) / CALLS / 1000)
    return median(takes)


async def cpu_by_part(shop: RunningShop, made: Made, add: BareAdd, shards: int) -> list[Part]:
    """All parts, from the innermost to the outermost."""
    flat = [x for pair in (await shop.redis.hgetall(cart_key(made.ids[0], shards))).items() for x in pair]
    parts = Parts(made, shards)
    stored = decode_cart(made.ids[0], flat)
    assert stored is not None
    zero_results = await cpu_us_of(parts.zero_results)
    found: list[Part] = []

    def keep(group: str, name: str, cpu_us: float) -> None:
        found.append(Part(group=group, name=name, cpu_us=max(0.0, cpu_us - zero_results)))

    keep("edge", "edge: table, gate, request id, headers, metrics", await cpu_us_of(parts.edge))
    keep("parse", "parse: Call, JSON body, headers of the write", await cpu_us_of(parts.parse))
    keep("decide", "decide: bounds, guard, offer at hand, line", await cpu_us_of(parts.decide))
    keep("script", "store: arguments and outcome", await cpu_us_of(parts.store))
    keep("script", "script call: pack, write, read, resolve", await _hot_call(shop, add) + zero_results)
    keep("encode", "answer, minimal", await cpu_us_of(parts.answer_minimal))
    keep("whole", "whole cart: decode the hash", await cpu_us_of(lambda: parts.decode(flat)))
    keep("whole", "whole cart: prices, totals, view", await cpu_us_of(lambda: parts.show(stored)))
    cart = await parts.shown(stored)
    keep("whole", "whole cart: encode JSON", await cpu_us_of(lambda: parts.encode(cart)))
    keep("redis-py", "the same script call through redis-py", await _redis_py_call(shop, add) + zero_results)
    keep("server", "Valkey: the script itself (INFO commandstats)", await _on_server(shop, add) + zero_results)
    return found


async def _hot_call(shop: RunningShop, add: BareAdd) -> float:
    redis = HotRedis(shop.redis_url)
    try:
        return await cpu_us_at_concurrency(
            lambda number: redis.run(add.script, *_keys_and_arguments(add, number), repeatable=False)
        )
    finally:
        await redis.close()


async def _redis_py_call(shop: RunningShop, add: BareAdd) -> float:
    client = make_client(shop.redis_url, timeout_s=CALL_TIMEOUT_S)

    def call(number: int) -> Awaitable[Any]:
        keys, arguments = _keys_and_arguments(add, number)
        return client.evalsha(add.script.sha, len(keys), *keys, *arguments)  # type: ignore[no-any-return] # Client is Any

    try:
        return await cpu_us_at_concurrency(call)
    finally:
        await client.aclose()


async def _on_server(shop: RunningShop, add: BareAdd) -> float:
    """Server time per EVALSHA. Only the adds run here, besides the idle worker's polling."""
    redis = HotRedis(shop.redis_url)
    try:
        await shop.redis.config_resetstat()
        await cpu_us_at_concurrency(
            lambda number: redis.run(add.script, *_keys_and_arguments(add, number), repeatable=False)
        )
    finally:
        await redis.close()
    return float((await shop.redis.info("commandstats"))["cmdstat_evalsha"]["usec_per_call"])


def _keys_and_arguments(add: BareAdd, number: int) -> tuple[tuple[str, str, str], tuple[Any, ...]]:
    cart = f"{number % CARTS:012d}"
    return add.keys(cart), add.filled(cart)
