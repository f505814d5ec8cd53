"""Makes caches, each for one type of value, from the settings, on the Redis that all processes share."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

import msgspec

from renga.kernel.clock import Clock
from renga.platform.cache.settings import CacheSettings
from renga.platform.cache.shared import SharedLevel
from renga.platform.cache.two_level import TwoLevelCache
from renga.platform.redis.client import HotRedis

#: Deadline of a call of the Redis level; after it the process goes on without.
ATTEMPT_TIMEOUT_S, DEADLINE_S = 0.2, 0.3

T = TypeVar("T")


def make_cache(
    name: str,
    kind: type[T],
    settings: CacheSettings,
    clock: Clock,
    redis: HotRedis | None,
    *,
    size_of: Callable[[T], int],
    source: str = "",
) -> TwoLevelCache[T]:
    """A cache of structs of ``kind``, to be closed before Redis; without ``redis`` it has one level.

    ``source`` as in TwoLevelCache.
    """
    life = settings.life()
    shared = None
    if redis is not None and settings.shared:
        shared = SharedLevel(
            redis.within(attempt_timeout_s=ATTEMPT_TIMEOUT_S, deadline_s=DEADLINE_S),
            name,
            encode=msgspec.msgpack.Encoder().encode,
            decode=msgspec.msgpack.Decoder(kind).decode,
            shape=shape_of(kind),
            life=life,
        )
    return TwoLevelCache(
        name,
        clock,
        life,
        entries_max=settings.entries_max,
        bytes_max=settings.bytes_max,
        size_of=size_of,
        shared=shared,
        source=source,
    )


def shape_of(kind: type[object]) -> str:
    """A digest of the type's schema, part of the keys: a release with another schema never reads these values."""
    schema = msgspec.json.encode(msgspec.json.schema(kind), order="sorted")
    return hashlib.blake2b(schema, digest_size=6).hexdigest()
