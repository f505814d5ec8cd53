"""The simple cache of whole answers: bounded by number and bytes, dropped by tag, never with what changed while it was made."""

from renga.bff.graphql.answers import Kept, LocalCache
from renga.kernel.clock import ManualClock
from renga.platform.cache.port import Loaded


def _answer(body: bytes) -> Kept:
    return Kept(body, b'"e"')


async def _put(cache: LocalCache, key: str, body: bytes, *tags: str) -> None:
    async def load() -> Loaded[Kept]:
        return Loaded(_answer(body), frozenset(tags))

    await cache.get(key, load)


async def test_bounds_hold_in_number_and_in_bytes() -> None:
    cache = LocalCache(ManualClock(), entries_max=2, fresh_ms=1_000, bytes_max=10)
    for key in ("a", "b", "c"):
        await _put(cache, key, b"1")
    assert [cache.peek(key) is not None for key in ("a", "b", "c")] == [False, True, True]
    await _put(cache, "d", b"1" * 9)
    assert [cache.peek(key) is not None for key in ("b", "c", "d")] == [False, True, True]
    await _put(cache, "huge", b"1" * 11)
    assert [cache.peek(key) for key in ("c", "d", "huge")] == [None, None, None]


async def test_news_drop_what_carries_their_tag_and_nothing_else() -> None:
    cache = LocalCache(ManualClock(), entries_max=9, fresh_ms=1_000)
    await _put(cache, "list", b"L", "products", "categories")
    await _put(cache, "cup", b"C", "product:cup")
    cache.drop(["products"])
    assert cache.peek("list") is None
    assert cache.peek("cup") == _answer(b"C")


async def test_what_is_dropped_while_it_is_made_is_not_kept() -> None:
    cache = LocalCache(ManualClock(), entries_max=9, fresh_ms=1_000)

    async def load() -> Loaded[Kept]:
        cache.drop(["products"])
        return Loaded(_answer(b"old"), frozenset({"products"}))

    assert await cache.get("list", load) == _answer(b"old")
    assert cache.peek("list") is None
