"""Measured: bytes of the store's memory that a cart of five lines takes, with and without idempotency keys."""

import msgspec

from bench.carts import cart_key, copy_carts, remove_carts
from bench.shop import RunningShop


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """``hash_bytes`` is MEMORY USAGE of one cart's key; ``all_bytes`` what ``used_memory`` grew by, per cart.

    All of it: the hash, its key and expiry in the server's tables, and its entry in the index of deadlines.
    """

    what: str
    carts: int
    encoding: str
    hash_bytes: int
    all_bytes: float


async def used_memory(shop: RunningShop) -> int:
    return int((await shop.redis.info("memory"))["used_memory"])


async def footprint_of_one(shop: RunningShop, cart_id: str, shards: int) -> tuple[str, int]:
    """Encoding and MEMORY USAGE of a cart's hash."""
    key = cart_key(cart_id, shards)
    encoding = await shop.redis.object("encoding", key)
    return encoding.decode(), int(await shop.redis.memory_usage(key, samples=0))


async def footprint(shop: RunningShop, what: str, template: str, copies: int, shards: int) -> Footprint:
    """Copy a cart, measure the growth of the server's memory, delete the copies."""
    await shop.settle()
    before = await used_memory(shop)
    ids = await copy_carts(shop, template, copies, shards)
    grown = await used_memory(shop) - before
    encoding, hash_bytes = await footprint_of_one(shop, ids[-1], shards)
    await remove_carts(shop, ids, shards)
    return Footprint(what=what, carts=copies, encoding=encoding, hash_bytes=hash_bytes, all_bytes=grown / copies)
