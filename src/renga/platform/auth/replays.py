"""What may be used once: identifiers remembered in Redis until they would have expired."""

from typing import Protocol

from renga.kernel.errors import Unavailable
from renga.platform.redis.driver import REDIS_ERRORS, Client

PREFIX = "access:once:"


class Replays(Protocol):
    """Fails closed: raises Unavailable when the store is away."""

    async def first(self, key: str, life_s: int) -> bool:
        """True the first time a key is shown within ``life_s`` seconds; of two at once, one is first."""
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
