"""The caches of whole answers in one process: REST's and GraphQL's, in the process and in Redis."""

from typing import TypeVar

import msgspec

from renga.bff.graphql.answers import Kept
from renga.kernel.clock import Clock
from renga.platform.cache.settings import CacheSettings
from renga.platform.cache.shared import SharedLevel
from renga.platform.cache.two_level import TwoLevelCache
from renga.platform.http.answers import Answer
from renga.platform.redis.client import HotRedis

#: A call of the level behind may take so long; then the process goes on without it.
ATTEMPT_TIMEOUT_S, DEADLINE_S = 0.2, 0.3
#: What an answer takes beside its body.
OVERHEAD_BYTES = 1_000

T = TypeVar("T")


class Caches:
    """``answers`` of REST reads, ``graph`` of GraphQL queries. Close them before Redis."""

    def __init__(self, settings: CacheSettings, clock: Clock, redis: HotRedis | None) -> None:
        self._settings = settings
        self._clock = clock
        self._redis = None
        if redis is not None and settings.shared:
            self._redis = redis.within(attempt_timeout_s=ATTEMPT_TIMEOUT_S, deadline_s=DEADLINE_S)
        self.answers: TwoLevelCache[Answer] = self._make("answers", Answer)
        self.graph: TwoLevelCache[Kept] = self._make("graphql", Kept)

    def _make(self, name: str, kind: type[T]) -> TwoLevelCache[T]:
        settings, life = self._settings, self._settings.life()
        shared = None
        if self._redis is not None:
            encode, decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(kind).decode
            shape = ",".join(kind.__struct_fields__)  # type: ignore[attr-defined]  # both kinds are structs
            shared = SharedLevel(self._redis, name, encode=encode, decode=decode, shape=shape, life=life)
        return TwoLevelCache(
            name,
            self._clock,
            life,
            entries_max=settings.entries_max,
            bytes_max=settings.bytes_max,
            size_of=_size_of,
            shared=shared,
        )

    async def close(self) -> None:
        await self.answers.close()
        await self.graph.close()


def _size_of(value: object) -> int:
    return len(getattr(value, "body", b"")) + OVERHEAD_BYTES
