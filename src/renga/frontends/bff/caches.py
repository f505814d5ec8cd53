"""The caches of whole answers in one process: REST's and GraphQL's, in the process and in Redis."""

from renga.frontends.bff.graphql.answers import Kept
from renga.kernel.clock import Clock
from renga.platform.cache.factory import make_cache
from renga.platform.cache.settings import CacheSettings
from renga.platform.cache.two_level import TwoLevelCache
from renga.platform.http.answers import Answer
from renga.platform.redis.client import HotRedis

#: What an answer takes beside its body.
OVERHEAD_BYTES = 1_000


class Caches:
    """``answers`` of REST reads, ``graph`` of GraphQL queries. Close them before Redis."""

    def __init__(self, settings: CacheSettings, clock: Clock, redis: HotRedis | None) -> None:
        self.answers: TwoLevelCache[Answer] = make_cache("answers", Answer, settings, clock, redis, size_of=_size_of)
        self.graph: TwoLevelCache[Kept] = make_cache("graphql", Kept, settings, clock, redis, size_of=_size_of)

    async def close(self) -> None:
        await self.answers.close()
        await self.graph.close()


def _size_of(value: Answer | Kept) -> int:
    return len(value.body) + OVERHEAD_BYTES
