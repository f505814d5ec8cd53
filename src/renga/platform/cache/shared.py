"""The level behind, in Redis: values for all processes, each true as long as none of its tags was dropped since it was loaded.

``cache:<name>:<key>`` holds a value with the moment its load began; ``cache:<name>:tag:<tag>`` the moment of the tag's last drop.
Single keys only, so it works on a cluster; commands of one loop turn leave in one write. Moments are those of the processes'
clocks: a value counts as dropped if its load began less than SKEW_MS after the drop.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from renga.platform.cache.metrics import TROUBLES
from renga.platform.cache.port import Life
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

T = TypeVar("T")

SKEW_MS = 1_000
#: Values with more tags, or larger ones, are kept in the process only.
TAGS_MAX, BYTES_MAX = 64, 1 << 20


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    begun_ms: int
    tags: list[str]
    body: bytes


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(_Kept)


class SharedLevel(Generic[T]):
    """``encode`` and ``decode`` turn values into bytes and back; ``shape`` is part of every key, as releases differ in it."""

    def __init__(
        self,
        redis: HotRedis,
        name: str,
        *,
        encode: Callable[[T], bytes],
        decode: Callable[[bytes], T],
        shape: str,
        life: Life,
    ) -> None:
        self._redis = redis
        self._name = name
        self._prefix = f"cache:{name}:{shape}:"
        self._encode, self._decode = encode, decode
        self._life_ms = life.fresh_ms + life.stale_ms

    async def get(self, key: str) -> tuple[T, frozenset[str], int] | None:
        """Value, tags and the moment its load began, if nothing dropped it."""
        name = self._key(key)
        raw = await self._call(name, "GET", name)
        if raw is None:
            return None
        try:
            kept = _decoder.decode(raw)
            value = self._decode(kept.body)
        except msgspec.MsgspecError:
            TROUBLES.labels(self._name).inc()
            return None
        names = [self._tag(tag) for tag in kept.tags]
        dropped = await asyncio.gather(*(self._call(one, "GET", one) for one in names))
        if any(moment is not None and int(moment) + SKEW_MS >= kept.begun_ms for moment in dropped):
            return None
        return value, frozenset(kept.tags), kept.begun_ms

    async def put(self, key: str, value: T, tags: frozenset[str], begun_ms: int) -> None:
        body = self._encode(value)
        if len(tags) > TAGS_MAX or len(body) > BYTES_MAX:
            return
        name = self._key(key)
        await self._call(name, "SET", name, _encode(_Kept(begun_ms, sorted(tags), body)), "PX", self._life_ms)

    async def drop(self, tags: Iterable[str], now_ms: int) -> None:
        """Every value with one of these tags that was begun until now is no longer true."""
        names = [self._tag(tag) for tag in tags]
        await asyncio.gather(*(self._call(n, "SET", n, now_ms, "PX", self._life_ms + SKEW_MS) for n in names))

    async def _call(self, key: str, *command: Any) -> Any:
        try:
            return await self._redis.call(key, *command)
        except RedisTrouble:
            TROUBLES.labels(self._name).inc()
            return None

    def _key(self, key: str) -> str:
        return self._prefix + hashlib.blake2b(key.encode(), digest_size=18).hexdigest()

    def _tag(self, tag: str) -> str:
        return f"cache:{self._name}:tag:{tag}"
