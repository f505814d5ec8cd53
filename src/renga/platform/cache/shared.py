"""The level in Redis, shared by all processes: a value is valid while none of its tags was dropped since its load began.

``cache:<name>:<key>`` holds a value with the time its load began; ``cache:<name>:tag:<tag>`` the time of the tag's last drop;
``…:lease`` means that a process is loading. Commands have single keys, so it works on a cluster; those of one loop turn leave
in one write. Times are from the processes' clocks: a value counts as dropped if its load began until SKEW_MS after the drop.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from renga.platform.cache.metrics import TROUBLES, WAITS
from renga.platform.cache.port import Life
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

T = TypeVar("T")

SKEW_MS = 1_000
#: Values with more tags or bytes are cached in the process only.
TAGS_MAX, BYTES_MAX = 64, 1 << 20
#: How long one process has the lease of a load; the others poll for its value, and load it themselves after LEASE_WAIT_S.
LEASE_MS, LEASE_LOOK_S, LEASE_WAIT_S = 2_000, 0.015, 0.25
#: After a failure Redis is not used for this long, so that in an outage not every load waits for its deadline.
OPEN_S = 1.0


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    begun_ms: int
    tags: list[str]
    body: bytes


class SharedValue(NamedTuple, Generic[T]):
    """A valid value, its tags, and when its load began."""

    value: T
    tags: frozenset[str]
    begun_ms: int


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(_Kept)


class SharedLevel(Generic[T]):
    """``encode`` and ``decode`` convert values to and from bytes; ``shape``, the schema's digest, is part of every key."""

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
        self._troubles = TROUBLES.labels(name)
        self._open_until_s = 0.0

    async def get(self, key: str) -> SharedValue[T] | None:
        """The value, unless it was dropped."""
        name = self._key(key)
        raw = await self._call(name, "GET", name)
        if raw is None:
            return None
        try:
            kept = _decoder.decode(raw)
            value = self._decode(kept.body)
        except msgspec.MsgspecError:
            self._troubles.inc()
            return None
        names = [self._tag(tag) for tag in kept.tags]
        opened_s = self._open_until_s
        dropped = await asyncio.gather(*(self._call(one, "GET", one) for one in names))
        if self._open_until_s != opened_s:
            return None  # Redis did not say whether it was dropped
        if any(moment is not None and int(moment) + SKEW_MS >= kept.begun_ms for moment in dropped):
            return None
        return SharedValue(value, frozenset(kept.tags), kept.begun_ms)

    async def put(self, key: str, value: T, tags: frozenset[str], begun_ms: int) -> None:
        body = self._encode(value)
        if len(tags) > TAGS_MAX or len(body) > BYTES_MAX:
            return
        name = self._key(key)
        await self._call(name, "SET", name, _encode(_Kept(begun_ms, sorted(tags), body)), "PX", self._life_ms)

    async def drop(self, tags: Iterable[str], now_ms: int) -> None:
        """Invalidate every value with one of these tags whose load began until now."""
        names = [self._tag(tag) for tag in tags]
        # tried even while Redis seems unreachable: a lost drop would leave wrong values valid
        await asyncio.gather(*(self._try(n, "SET", n, now_ms, "PX", self._life_ms + SKEW_MS) for n in names))

    async def claim(
        self, key: str, found: SharedValue[T] | None, is_fresh: Callable[[SharedValue[T]], bool]
    ) -> tuple[bool, SharedValue[T] | None]:
        """Take the lease of a load; if another process has it, wait for that value. If none comes in time, both may load."""
        name = self._key(key) + ":lease"
        loop = asyncio.get_running_loop()
        until_s, has_waited = loop.time() + LEASE_WAIT_S, False
        while loop.time() >= self._open_until_s:
            if await self._call(name, "SET", name, b"1", "NX", "PX", LEASE_MS) is not None:
                # the other process may have finished since we looked
                return True, (await self.get(key) or found) if has_waited else found
            if loop.time() >= until_s:
                break
            await asyncio.sleep(LEASE_LOOK_S)
            has_waited = True
            WAITS.labels(self._name).inc()
            found = await self.get(key) or found
            if found is not None and is_fresh(found):
                break
        return False, found

    async def release(self, key: str) -> None:
        """Release the lease after a load, successful or not."""
        name = self._key(key) + ":lease"
        await self._call(name, "DEL", name)

    async def _call(self, key: str, *command: Any) -> Any:
        if asyncio.get_running_loop().time() < self._open_until_s:
            self._troubles.inc()
            return None
        return await self._try(key, *command)

    async def _try(self, key: str, *command: Any) -> Any:
        try:
            return await self._redis.call(key, *command)
        except RedisTrouble:
            self._troubles.inc()
            self._open_until_s = asyncio.get_running_loop().time() + OPEN_S
            return None

    def _key(self, key: str) -> str:
        return self._prefix + hashlib.blake2b(key.encode(), digest_size=18).hexdigest()

    def _tag(self, tag: str) -> str:
        return f"cache:{self._name}:tag:{tag}"
