"""Persisted queries: bounded in the process, known to every process through Redis, no trouble when it is away."""

from renga.frontends.bff.graphql.documents import sha256
from renga.frontends.bff.graphql.persisted import MemoryPersistedQueries
from renga.frontends.bff.stores.redis import RedisPersistedQueries, key_of
from renga.platform.redis.client import HotRedis

QUERY = "{ __typename }"


async def test_the_least_asked_is_forgotten_first() -> None:
    kept = MemoryPersistedQueries(2)
    await kept.put("a", "A")
    await kept.put("b", "B")
    assert await kept.get("a") == "A"
    await kept.put("c", "C")
    assert [await kept.get(digest) for digest in ("a", "b", "c")] == ["A", None, "C"]


async def test_what_one_process_learns_the_others_know(redis_url: str) -> None:
    redis = HotRedis(redis_url)
    try:
        one, other = (MemoryPersistedQueries(10, RedisPersistedQueries(redis, life_s=60)) for _ in range(2))
        digest = sha256(QUERY)
        assert await other.get(digest) is None
        await one.put(digest, QUERY)
        assert await other.get(digest) == QUERY
        assert 0 < await redis.call(key_of(digest), "TTL", key_of(digest)) <= 60
    finally:
        await redis.close()


async def test_a_newer_query_takes_the_place_of_an_older_one(valkey_url: str) -> None:
    redis = HotRedis(valkey_url)
    try:
        store = RedisPersistedQueries(redis, life_s=60)
        digest = sha256(QUERY)
        await store.put(digest, QUERY)
        other = next(text for n in range(10**6) if key_of(sha256(text := f"{{ a{n} }}")) == key_of(digest))
        await store.put(sha256(other), other)
        assert await store.get(digest) is None
        assert await store.get(sha256(other)) == other
    finally:
        await redis.close()


async def test_without_redis_nothing_is_known_and_nothing_fails() -> None:
    redis = HotRedis("redis://127.0.0.1:1/0", attempt_timeout_s=0.05, deadline_s=0.1)
    try:
        away = RedisPersistedQueries(redis, life_s=60)
        await away.put(sha256(QUERY), QUERY)
        assert await away.get(sha256(QUERY)) is None
    finally:
        await redis.close()
