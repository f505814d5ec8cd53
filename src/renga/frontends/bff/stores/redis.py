"""Persisted queries in Redis or Valkey, for all processes, in so many places; they end by themselves when nobody asks for them.

A query's place follows from its hash, and a newer one takes it from an older: nobody can fill the server by making queries up.
"""

import structlog

from renga.frontends.bff.graphql.documents import sha256
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

#: Places; of the longest queries that the limits allow, all together are about 160 MB.
PLACES = 8_192

log = structlog.get_logger(__name__)


class RedisPersistedQueries:
    """Implements ``PersistedQueries``; each use starts the life of ``life_s`` seconds again."""

    def __init__(self, redis: HotRedis, *, life_s: int) -> None:
        self._redis = redis
        self._life_s = life_s

    async def get(self, digest: str) -> str | None:
        key = key_of(digest)
        try:
            found: bytes | None = await self._redis.call(key, "GETEX", key, "EX", str(self._life_s))
        except RedisTrouble as trouble:
            log.warning("persisted_queries_away", error=str(trouble))
            return None
        text = None if found is None else found.decode()
        return text if text is not None and sha256(text) == digest else None

    async def put(self, digest: str, text: str) -> None:
        key = key_of(digest)
        try:
            await self._redis.call(key, "SET", key, text, "EX", str(self._life_s))
        except RedisTrouble as trouble:
            log.warning("persisted_queries_away", error=str(trouble))


def key_of(digest: str) -> str:
    return f"renga:graphql:query:{int(digest[:8], 16) % PLACES}"
