"""Replay protection: one-time identifiers remembered in Redis until they expire."""

from typing import Protocol

from renga.kernel.errors import Unavailable
from renga.platform.redis.driver import REDIS_ERRORS, Client

PREFIX = "access:once:"


class Replays(Protocol):
    """Fails closed: raises Unavailable when the store is unreachable."""

    async def first(self, key: str, life_s: int) -> bool:
        """True for the first use of a key within ``life_s`` seconds, exactly one of two simultaneous uses."""
        ...


class RedisReplays:
    """Replays on any server of the Redis family."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def first(self, key: str, life_s: int) -> bool:
        try:
            return bool(await self._client.set(PREFIX + key, b"1", nx=True, ex=max(1, life_s)))
        except REDIS_ERRORS as error:
            raise Unavailable(f"the store of used identifiers is away: {error or type(error).__name__}") from error
