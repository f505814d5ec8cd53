"""Persisted queries in Redis or Valkey, for all processes; they end by themselves when nobody asks for them."""

import structlog

from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

log = structlog.get_logger(__name__)


class RedisPersistedQueries:
    """Implements ``PersistedQueries``; each use starts the life of ``life_s`` seconds again."""

    def __init__(self, redis: HotRedis, *, life_s: int) -> None:
        self._redis = redis
        self._life_s = life_s

    async def get(self, digest: str) -> str | None:
        key = _key(digest)
        try:
            found: bytes | None = await self._redis.call(key, "GETEX", key, "EX", str(self._life_s))
        except RedisTrouble as trouble:
            log.warning("persisted_queries_away", error=str(trouble))
            return None
        return None if found is None else found.decode()

    async def put(self, digest: str, text: str) -> None:
        key = _key(digest)
        try:
            await self._redis.call(key, "SET", key, text, "EX", str(self._life_s))
        except RedisTrouble as trouble:
            log.warning("persisted_queries_away", error=str(trouble))


def _key(digest: str) -> str:
    return f"renga:graphql:query:{digest}"
