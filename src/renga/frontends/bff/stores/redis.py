"""Persisted queries in Redis or Valkey, shared by all processes, in a fixed number of slots; unused ones expire.

A query's slot follows from its hash and a newer query replaces an older, so that invented queries cannot fill the server.
"""

import structlog

from renga.frontends.bff.graphql.documents import sha256
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

#: Number of slots; full of the longest allowed queries they take about 160 MB.
PLACES = 8_192

log = structlog.get_logger(__name__)


class RedisPersistedQueries:
    """Implements ``PersistedQueries``; each use renews the lifetime of ``life_s`` seconds."""

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
