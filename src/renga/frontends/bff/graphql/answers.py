"""Cache of complete answers to public queries, looked up by the raw request before anything is parsed."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from renga.platform.cache.port import Cache, Loaded


class KeptGraphAnswer(msgspec.Struct, frozen=True):
    """A cached answer without errors, the same for every caller of the same query with the same customer groups."""

    body: bytes
    etag: bytes
    tags: tuple[str, ...] = ()


class KnownRequest(msgspec.Struct, frozen=True):
    """The answer's cache key and media type of a raw request."""

    key: str
    media: str


def raw_key(
    method: str, question: bytes, accept: bytes, language: bytes, content_type: bytes, groups: tuple[str, ...] = ()
) -> bytes:
    """The key of a raw request of a caller with these groups, computed without parsing it."""
    digest = hashlib.blake2b(question, digest_size=24)
    for part in (method.encode(), accept, language, content_type, ",".join(groups).encode()):
        digest.update(b"\0%d\0" % len(part))
        digest.update(part)
    return digest.digest()


class GraphAnswers:
    """``cache`` holds the answers; the map from raw requests to answers is held here, for up to ``requests_max`` requests."""

    def __init__(self, cache: Cache[KeptGraphAnswer], requests_max: int) -> None:
        self._cache = cache
        self._requests_max = requests_max
        self._requests: OrderedDict[bytes, KnownRequest] = OrderedDict()

    def peek(self, raw: bytes) -> tuple[KeptGraphAnswer, str] | None:
        """The answer and its media type, if a fresh one is in this process."""
        found = self._requests.get(raw)
        if found is None:
            return None
        kept = self._cache.peek(found.key)
        if kept is None:
            return None
        self._requests.move_to_end(raw)
        return kept, found.media

    def remember(self, raw: bytes, key: str, media: str) -> None:
        self._requests[raw] = KnownRequest(key, media)
        if len(self._requests) > self._requests_max:
            self._requests.popitem(last=False)

    async def get(self, key: str, load: Callable[[], Awaitable[Loaded[KeptGraphAnswer]]]) -> KeptGraphAnswer | None:
        return await self._cache.get(key, load)
