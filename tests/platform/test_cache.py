"""The cache of two levels: bounds, tags, one load at a time, races with news, another process, Redis away, the source away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.cache.memory import CacheEntry, Memory
from renga.platform.cache.port import Life, Loaded
from renga.platform.cache.shared import SKEW_MS, SharedLevel
from renga.platform.cache.two_level import TwoLevelCache
from renga.platform.redis.client import HotRedis

LIFE = Life(fresh_ms=10_000, stale_ms=60_000)
FAR = Callable[[], Awaitable[Loaded[str]]]


def loader(value: str | None, *tags: str, calls: list[str] | None = None) -> FAR:
    async def load() -> Loaded[str]:
        if calls is not None:
            calls.append(value or "")
        return Loaded(value, frozenset(tags))

    return load


async def away() -> Loaded[str]:
    raise Unavailable("the source is away")


def make(clock: ManualClock, redis: HotRedis | None = None, **bounds: int) -> TwoLevelCache[str]:
    shared = None
    if redis is not None:
        shared = SharedLevel(
            redis, "test", encode=msgspec.msgpack.encode, decode=lambda b: msgspec.msgpack.decode(b, type=str),
            shape="1", life=LIFE,
        )  # fmt: skip
    limits: dict[str, Any] = {"entries_max": 100, "bytes_max": 10_000} | bounds
    return TwoLevelCache("test", clock, LIFE, size_of=len, shared=shared, **limits)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[HotRedis]:
    client = HotRedis(redis_url, attempt_timeout_s=1, deadline_s=3)
    yield client
    await client.close()


def entry(value: str, *tags: str, size: int = 1) -> CacheEntry[str]:
    return CacheEntry(value, frozenset(tags), size, 0, 1, 2)


def test_the_least_recently_used_goes_first_by_number_and_by_bytes() -> None:
    memory: Memory[str] = Memory(entries_max=2, bytes_max=10)
    memory.put("a", entry("A"))
    memory.put("b", entry("B"))
    assert memory.get("a") is not None
    memory.put("c", entry("C"))
    assert [memory.get(key) is not None for key in "abc"] == [True, False, True]
    memory.put("d", entry("D", size=10))
    assert ([memory.get(key) is not None for key in "acd"], memory.bytes) == ([False, False, True], 10)
    memory.put("huge", entry("H", size=11))
    assert memory.get("huge") is None


async def test_a_value_is_loaded_once_however_many_ask_and_serves_while_it_is_fresh() -> None:
    clock, calls = ManualClock(), list[str]()
    cache = make(clock)
    found = await asyncio.gather(*(cache.get("k", loader("v", calls=calls)) for _ in range(50)))
    assert (found, calls) == (["v"] * 50, ["v"])
    clock.advance(ms=LIFE.fresh_ms - 1)
    assert cache.peek("k") == "v"
    clock.advance(ms=1)
    assert cache.peek("k") is None


async def test_an_aged_value_serves_at_once_and_is_loaded_anew_behind() -> None:
    clock, calls = ManualClock(), list[str]()
    cache = make(clock)
    await cache.get("k", loader("old"))
    clock.advance(ms=LIFE.fresh_ms)
    assert await cache.get("k", loader("new", calls=calls)) == "old"
    await cache.close()
    assert (cache.peek("k"), calls) == ("new", ["new"])


async def test_news_drop_what_carries_their_tag_and_nothing_else() -> None:
    cache = make(ManualClock())
    await cache.get("list", loader("L", "products", "categories"))
    await cache.get("cup", loader("C", "product:cup"))
    cache.drop(["products"])
    assert (cache.peek("list"), cache.peek("cup")) == (None, "C")
    assert await cache.get("list", loader("new")) == "new"


async def test_what_is_dropped_while_it_is_loaded_is_given_and_not_kept() -> None:
    cache = make(ManualClock())
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow() -> Loaded[str]:
        begun.set()
        await go.wait()
        return Loaded("before the change", frozenset({"product:cup"}))

    asked = asyncio.create_task(cache.get("k", slow))
    await begun.wait()
    cache.drop(["product:cup"])
    go.set()
    assert await asked == "before the change"
    assert cache.peek("k") is None


async def test_news_of_other_things_does_not_hinder_keeping() -> None:
    cache = make(ManualClock())

    async def load() -> Loaded[str]:
        cache.drop(["product:other"])
        return Loaded("v", frozenset({"product:cup"}))

    await cache.get("k", load)
    assert cache.peek("k") == "v"


async def test_while_the_source_is_away_what_was_dropped_or_has_aged_serves() -> None:
    clock = ManualClock()
    cache = make(clock)
    await cache.get("k", loader("v", "t"))
    cache.drop(["t"])
    assert await cache.get("k", away) == "v"
    clock.advance(ms=LIFE.fresh_ms + LIFE.stale_ms)
    with pytest.raises(Unavailable):
        await cache.get("k", away)
    with pytest.raises(Unavailable):
        await cache.get("never seen", away)


async def test_a_load_that_fails_is_tried_again_by_the_next() -> None:
    cache = make(ManualClock())

    async def broken() -> Loaded[str]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await cache.get("k", broken)
    assert await cache.get("k", loader("v")) == "v"


async def test_another_process_finds_what_one_has_loaded(redis: HotRedis) -> None:
    clock, calls = ManualClock(), list[str]()
    one, other = make(clock, redis), make(clock, redis)
    await one.get("k", loader("v", "t"))
    await one.close()
    assert await other.get("k", loader("again", calls=calls)) == "v"
    assert calls == []


async def test_news_that_one_process_missed_is_told_by_the_level_behind(redis: HotRedis) -> None:
    clock = ManualClock()
    one, other = make(clock, redis), make(clock, redis)
    await one.get("k", loader("old", "t"))
    await one.close()
    clock.advance(ms=SKEW_MS + 1)
    other.drop(["t"])  # the first process never hears of it
    await other.close()
    third = make(clock, redis)
    clock.advance(ms=SKEW_MS + 1)
    assert await third.get("k", loader("new", "t")) == "new"
    await third.close()
    clock.advance(ms=LIFE.fresh_ms)
    await one.get("k", loader("new", "t"))  # the old one serves once more, and is loaded behind
    await one.close()
    assert one.peek("k") == "new"


async def test_a_load_from_before_the_change_never_stays_in_the_level_behind(redis: HotRedis) -> None:
    clock = ManualClock()
    one, other = make(clock, redis), make(clock, redis)

    async def slow() -> Loaded[str]:
        clock.advance(ms=500)
        other.drop(["t"])
        await other.close()
        return Loaded("old", frozenset({"t"}))

    await one.get("k", slow)
    await one.close()
    third = make(clock, redis)
    assert await third.get("k", loader("new", "t")) == "new"


async def test_without_redis_there_is_one_level_and_no_error(redis: HotRedis) -> None:
    nowhere = HotRedis("redis://127.0.0.1:1", attempt_timeout_s=0.05, deadline_s=0.1)
    cache = make(ManualClock(), nowhere)
    assert await cache.get("k", loader("v", "t")) == "v"
    cache.drop(["t"])
    assert cache.peek("k") is None
    assert await cache.get("k", loader("new")) == "new"
    await cache.close()
    await nowhere.close()


async def test_what_cannot_be_read_is_loaded_anew(redis: HotRedis) -> None:
    clock = ManualClock()
    one = make(clock, redis)
    await one.get("k", loader("v"))
    await one.close()
    name = one._shared._key("k")  # type: ignore[union-attr]  # the level is there
    await redis.call(name, "SET", name, b"\xc1 not ours")
    assert await make(clock, redis).get("k", loader("new")) == "new"
