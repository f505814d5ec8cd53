"""Caches among themselves: age through two of them, one loads for many, lost news, slow sources, Redis away and back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.cache import shared as shared_module
from renga.platform.cache import two_level
from renga.platform.cache.port import Life, Loaded
from renga.platform.cache.shared import SKEW_MS, SharedLevel
from renga.platform.cache.two_level import TwoLevelCache
from renga.platform.redis.client import HotRedis
from tests.support import eventually

LIFE = Life(fresh_ms=10_000, stale_ms=60_000)


class Source:
    """A value that changes; it counts how often it was asked, and can be slow or away."""

    def __init__(self, value: str = "old") -> None:
        self.value = value
        self.asked = 0
        self.go = asyncio.Event()
        self.go.set()
        self.trouble: Exception | None = None

    async def load(self) -> Loaded[str]:
        self.asked += 1
        value = self.value
        await self.go.wait()
        if self.trouble:
            raise self.trouble
        return Loaded(value, frozenset({"t"}))


class Process:
    """The cache of one process."""

    def __init__(self, clock: ManualClock, redis: HotRedis | None = None, name: str = "race") -> None:
        level = None
        if redis is not None:
            level = SharedLevel(
                redis, name, encode=msgspec.msgpack.encode, decode=lambda b: msgspec.msgpack.decode(b, type=str),
                shape="1", life=LIFE,
            )  # fmt: skip
        self.cache: TwoLevelCache[str] = TwoLevelCache(
            name, clock, LIFE, entries_max=100, bytes_max=10_000, size_of=len, shared=level
        )


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[HotRedis]:
    client = HotRedis(redis_url, attempt_timeout_s=1, deadline_s=3)
    yield client
    await client.close()


def page_of(product: TwoLevelCache[str], source: Source) -> Callable[[], Awaitable[Loaded[str]]]:
    async def load() -> Loaded[str]:
        return Loaded(f"page of {await product.get('p', source.load)}", frozenset({"t"}))

    return load


async def test_what_is_made_of_an_old_value_is_as_old_though_it_was_made_just_now() -> None:
    clock, source = ManualClock(), Source()
    product, pages = Process(clock).cache, Process(clock, name="pages").cache
    await product.get("p", source.load)
    source.value = "new"  # and the news of it is lost
    clock.advance(ms=LIFE.fresh_ms - 1)
    assert await pages.get("page", page_of(product, source)) == "page of old"
    assert pages.peek("page") == "page of old"
    clock.advance(ms=1)
    assert pages.peek("page") is None


async def test_a_slow_process_that_has_not_heard_does_not_give_its_old_value_to_the_others(redis: HotRedis) -> None:
    clock, source = ManualClock(), Source()
    deaf_product, deaf_pages = Process(clock, redis, "product").cache, Process(clock, redis, "pages").cache
    await deaf_product.get("p", source.load)
    clock.advance(ms=SKEW_MS * 3)
    source.value = "new"
    hearing = Process(clock, redis, "pages").cache
    hearing.drop(["t"])
    await hearing.close()
    clock.advance(ms=SKEW_MS * 2)
    assert await deaf_pages.get("page", page_of(deaf_product, source)) == "page of old"
    await deaf_pages.close()
    fresh_product = Process(clock, None, "product").cache
    assert await hearing.get("page", page_of(fresh_product, source)) == "page of new"


async def test_what_was_made_of_something_that_serves_for_want_of_better_is_not_kept() -> None:
    clock, source = ManualClock(), Source()
    product, pages = Process(clock).cache, Process(clock, name="pages").cache
    await product.get("p", source.load)
    product.drop(["t"])
    source.trouble = Unavailable("away")
    assert await pages.get("page", page_of(product, source)) == "page of old"
    assert len(pages.memory) == 0


async def test_one_process_loads_for_all_that_ask_at_the_same_time(redis: HotRedis) -> None:
    clock, source = ManualClock(), Source()
    caches = [Process(clock, redis).cache for _ in range(8)]
    source.go.clear()
    asked = [asyncio.create_task(cache.get("k", source.load)) for cache in caches]

    async def begun() -> bool:
        return source.asked == 1

    await eventually(begun)
    source.go.set()
    assert await asyncio.gather(*asked) == ["old"] * 8
    assert source.asked == 1
    for cache in caches:
        await cache.close()


async def test_a_process_that_dies_while_it_loads_delays_the_others_and_no_more(
    redis: HotRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_module, "LEASE_WAIT_S", 0.05)
    clock, source = ManualClock(), Source()
    dead = Process(clock, redis).cache
    assert (await dead._shared.claim("k", None, lambda _: True))[0]  # type: ignore[union-attr]  # the level is there
    assert await Process(clock, redis).cache.get("k", source.load) == "old"
    assert source.asked == 1


async def test_a_load_that_fails_gives_its_lease_back(redis: HotRedis) -> None:
    clock, source = ManualClock(), Source()
    one, other = Process(clock, redis).cache, Process(clock, redis).cache
    source.trouble = ValueError("broken")
    with pytest.raises(ValueError, match="broken"):
        await one.get("k", source.load)
    await one.close()
    assert (await other._shared.claim("k", None, lambda _: True))[0]  # type: ignore[union-attr]  # the level is there


async def test_a_value_is_old_no_longer_than_it_is_fresh_when_all_news_is_lost(redis: HotRedis) -> None:
    clock, source = ManualClock(), Source()
    caches = [Process(clock, redis).cache for _ in range(2)]
    for cache in caches:
        assert await cache.get("k", source.load) == "old"
        await cache.close()
    source.value = "new"
    clock.advance(ms=LIFE.fresh_ms - 1)
    assert [cache.peek("k") for cache in caches] == ["old", "old"]
    clock.advance(ms=1)
    for cache in caches:
        await cache.get("k", source.load)  # once more the old one, while it is loaded
        await cache.close()
    assert ([cache.peek("k") for cache in caches], source.asked) == (["new", "new"], 2)


async def test_a_slow_source_does_not_make_readers_wait_who_can_have_the_old_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(two_level, "SLOW_LOAD_S", 0.01)
    clock, source = ManualClock(), Source()
    cache = Process(clock).cache
    await cache.get("k", source.load)
    cache.drop(["t"])
    source.value = "new"
    source.go.clear()
    assert await cache.get("k", source.load) == "old"
    assert await cache.get("k", source.load) == "old"
    assert source.asked == 2  # the second reader did not even ask
    source.go.set()
    await cache.close()
    assert cache.peek("k") == "new"


async def test_what_another_process_saw_serves_one_that_starts_while_the_source_is_away(redis: HotRedis) -> None:
    clock, source = ManualClock(), Source()
    one = Process(clock, redis).cache
    await one.get("k", source.load)
    await one.close()
    clock.advance(ms=LIFE.fresh_ms)
    source.trouble = Unavailable("away")
    assert await Process(clock, redis).cache.get("k", source.load) == "old"
    with pytest.raises(Unavailable):
        await Process(clock, redis).cache.get("never seen", source.load)


async def test_redis_away_costs_one_deadline_and_not_one_for_each_load(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = HotRedis("redis://127.0.0.1:1", attempt_timeout_s=0.05, deadline_s=0.1)
    calls = list[str]()
    real = nowhere.call

    async def counted(key: str, *command: object, repeatable: bool = True) -> object:
        calls.append(str(command[0]))
        return await real(key, *command, repeatable=repeatable)

    monkeypatch.setattr(nowhere, "call", counted)
    monkeypatch.setattr(shared_module, "OPEN_S", 3_600.0)
    clock, source = ManualClock(), Source()
    cache = Process(clock, nowhere).cache
    for number in range(20):
        assert await cache.get(f"k{number}", source.load) == "old"
    await cache.close()
    assert (calls, source.asked) == (["GET"], 20)
    monkeypatch.setattr(shared_module, "OPEN_S", 0.0)
    cache._shared._open_until_s = 0.0  # type: ignore[union-attr]  # the pause has passed
    await cache.get("one more", source.load)
    await cache.close()
    assert calls.count("GET") > 1
    await nowhere.close()


async def test_a_tag_that_cannot_be_looked_up_is_not_taken_for_one_that_nobody_dropped(
    redis: HotRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    from renga.platform.redis.errors import NotSent

    clock, source = ManualClock(), Source()
    one = Process(clock, redis).cache
    await one.get("k", source.load)
    await one.close()
    source.value = "new"
    real = redis.call

    async def failing(key: str, *command: object, repeatable: bool = True) -> object:
        if ":tag:" in key:
            raise NotSent("away")
        return await real(key, *command, repeatable=repeatable)

    monkeypatch.setattr(redis, "call", failing)
    assert await Process(clock, redis).cache.get("k", source.load) == "new"
