"""Pending authorization requests in Redis: they expire after minutes and can be taken only once."""

from typing import Any, TypeVar

import msgspec

from renga.domains.identity.oauth.model import AuthorizationRequest, OpenRequest
from renga.kernel.errors import Unavailable
from renga.platform.redis.driver import REDIS_ERRORS, Client

PREFIX = "identity:oauth:"
T = TypeVar("T")


class RedisPendingRequests:
    """PendingRequestStore on any server of the Redis family (6.2 or later: GETDEL)."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def push(self, handle: str, request: AuthorizationRequest, life_s: int) -> None:
        await self._set(f"pushed:{handle}", msgspec.json.encode(request), life_s)

    async def take_pushed(self, handle: str) -> AuthorizationRequest | None:
        return _read(await self._call("getdel", f"pushed:{handle}"), AuthorizationRequest)

    async def open(self, handle: str, request: OpenRequest, life_s: int) -> None:
        await self._set(f"open:{handle}", msgspec.json.encode(request), life_s)

    async def opened(self, handle: str) -> OpenRequest | None:
        return _read(await self._call("get", f"open:{handle}"), OpenRequest)

    async def take_opened(self, handle: str) -> OpenRequest | None:
        return _read(await self._call("getdel", f"open:{handle}"), OpenRequest)

    async def keep_text(self, handle: str, text: bytes, life_s: int) -> None:
        await self._set(f"text:{handle}", text, life_s)

    async def take_text(self, handle: str) -> bytes | None:
        found: bytes | None = await self._call("getdel", f"text:{handle}")
        return found

    async def _set(self, key: str, value: bytes, life_s: int) -> None:
        await self._call("set", key, value, ex=life_s)

    async def _call(self, command: str, key: str, *arguments: Any, **options: Any) -> Any:
        try:
            return await getattr(self._client, command)(PREFIX + key, *arguments, **options)
        except REDIS_ERRORS as error:
            raise Unavailable(f"the store of open logins is away: {error or type(error).__name__}") from error


def _read(body: bytes | None, kind: type[T]) -> T | None:
    try:
        return None if body is None else msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise Unavailable("an open login was kept by another version") from error
