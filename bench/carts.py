"""Carts of five lines: made through the shop's API, or copied in the store, field by field, when there are many."""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from bench import requests
from bench.driver import drive
from bench.shop import RunningShop, ShopFailed
from renga.kernel.clock import SystemClock
from renga.kernel.ids import uuid7

LINES = 5
CONNECTIONS = 16
SECONDS_MAX = 120.0
#: Carts in one call of the copying script, and calls in one flush.
COPY_BATCH, COPY_FLUSH = 500, 10

#: KEYS: the shard's deadlines, cart keys. ARGV: expiry of the keys, deadline, number of carts, their ids, the fields.
COPY_SCRIPT = """
local count, fields = tonumber(ARGV[3]), {}
for i = 4 + count, #ARGV do fields[#fields + 1] = ARGV[i] end
for i = 1, count do
  redis.call('HSET', KEYS[i + 1], unpack(fields))
  redis.call('PEXPIREAT', KEYS[i + 1], ARGV[1])
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3 + i])
end
return count
"""


class Item(msgspec.Struct, frozen=True):
    """A SKU of the catalogue with its offer."""

    sku: str
    title: str
    prices: dict[str, int]


class Made(msgspec.Struct, frozen=True):
    """Carts that are alike: each has one line of each item, in the order of ``lines``."""

    ids: list[str]
    items: tuple[Item, ...]
    lines: tuple[str, ...]


async def _answers(shop: RunningShop, wanted: Sequence[bytes], status: int) -> list[Any]:
    """The JSON answers to requests, in their order. Raises ShopFailed unless all have that status."""
    if not wanted:
        return []
    bodies: dict[int, Any] = {}
    wrong: list[bytes] = []

    def keep(index: int, got: int, body: bytes) -> None:
        if got == status:
            bodies[index] = msgspec.json.decode(body)
        else:
            wrong.append(body)

    await drive(
        shop.port,
        wanted,
        connections=CONNECTIONS,
        count_max=len(wanted),
        seconds_max=SECONDS_MAX,
        on_answer=keep,
    )
    if len(bodies) != len(wanted):
        raise ShopFailed(f"{len(wanted) - len(bodies)} of {len(wanted)} requests failed: {wrong[:1]}")
    return [bodies[index] for index in range(len(wanted))]


async def choose_items(shop: RunningShop) -> tuple[Item, ...]:
    """The first variants of the first five products that are sold in BRL."""
    page = (await _answers(shop, [requests.request("GET", "/v1/products?limit=20")], 200))[0]
    items = []
    for product in page["items"]:
        variant = product["variants"][0]
        prices = {price["currency"]: price["amount"] for price in variant["prices"]}
        if "BRL" in prices:
            items.append(Item(variant["sku"], product["title"], prices))
    if len(items) < LINES:
        raise ShopFailed(f"the demo catalogue has only {len(items)} products that are sold in BRL")
    return tuple(items[:LINES])


async def make_carts(shop: RunningShop, items: tuple[Item, ...], count: int) -> Made:
    """New carts, through the API: created, then filled with one line of each item."""
    created = await _answers(shop, [requests.request("POST", "/v1/carts", {"currency": "BRL"})] * count, 201)
    ids = [cart["id"] for cart in created]
    body = {"lines": [{"sku": item.sku, "quantity": 1} for item in items]}
    fills = [requests.request("PUT", f"/v1/carts/{one}/lines", body) for one in ids]
    first = (await _answers(shop, fills[:1], 200))[
        0
    ]  # first and alone, so that the shop has cached the offers for the others
    await _answers(shop, fills[1:], 200)
    return Made(ids, items, tuple(line["line"] for line in first["lines"]))


async def make_cart_with_keys(shop: RunningShop, items: tuple[Item, ...]) -> str:
    """A cart of five lines, each added with an idempotency key that the cart stores."""
    cart = (await _answers(shop, [requests.request("POST", "/v1/carts", {"currency": "BRL"})], 201))[0]
    for number, item in enumerate(items):
        key = {"Idempotency-Key": f"bench-{cart['id']}-{number}"}
        await _answers(shop, [requests.add(cart["id"], item.sku, key)], 200)
    return str(cart["id"])


def cart_key(cart_id: str, shards: int) -> str:
    """The key of a cart (DESIGN: ``cart:{<shard>}:<id>``)."""
    return f"cart:{{{zlib.crc32(cart_id.encode()) % shards}}}:{cart_id}"


async def copy_carts(shop: RunningShop, template: str, count: int, shards: int) -> list[str]:
    """Copies of a cart under new ids, each with its deadline and key expiry, without events; returns their ids."""
    fields = await _flat_fields(shop, cart_key(template, shards))
    clock, ids = SystemClock(), []
    by_shard: defaultdict[int, list[str]] = defaultdict(list)
    for number in range(count):
        cart_id = uuid7(clock.now_ms(), zlib.crc32(number.to_bytes(8)) << 40 | number)
        ids.append(cart_id)
        by_shard[zlib.crc32(cart_id.encode()) % shards].append(cart_id)
    deadline = clock.now_ms() + 86_400_000
    sha = await shop.redis.script_load(COPY_SCRIPT)
    batches = [
        (shard, of_shard[start : start + COPY_BATCH])
        for shard, of_shard in by_shard.items()
        for start in range(0, len(of_shard), COPY_BATCH)
    ]
    for start in range(0, len(batches), COPY_FLUSH):
        pipeline = shop.redis.pipeline(transaction=False)
        for shard, batch in batches[start : start + COPY_FLUSH]:
            keys = [f"deadlines:{{{shard}}}", *(f"cart:{{{shard}}}:{one}" for one in batch)]
            pipeline.evalsha(sha, len(keys), *keys, deadline + 7 * 86_400_000, deadline, len(batch), *batch, *fields)
        await pipeline.execute()
    return ids


async def remove_carts(shop: RunningShop, ids: Sequence[str], shards: int) -> None:
    """Delete copies and their deadlines."""
    for start in range(0, len(ids), COPY_BATCH * COPY_FLUSH):
        pipeline = shop.redis.pipeline(transaction=False)
        for one in ids[start : start + COPY_BATCH * COPY_FLUSH]:
            key = cart_key(one, shards)
            pipeline.delete(key)
            pipeline.zrem(f"deadlines:{key.split(':')[1]}", one)
        await pipeline.execute()


async def _flat_fields(shop: RunningShop, key: str) -> list[bytes]:
    fields = await shop.redis.hgetall(key)
    if not fields:
        raise ShopFailed(f"the store has no {key}")
    return [part for pair in fields.items() for part in pair]
