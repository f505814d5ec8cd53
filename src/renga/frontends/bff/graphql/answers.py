"""Whole answers of public queries, kept by what was asked; found again from the raw request before anything is parsed."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from renga.platform.cache.port import Cache, Loaded


class KeptGraphAnswer(msgspec.Struct, frozen=True):
    """An answer without errors, the same for everybody who asks the same."""

    body: bytes
    etag: bytes
    tags: tuple[str, ...] = ()


class KnownRequest(msgspec.Struct, frozen=True):
    """Where a raw request leads: the answer's key, and the form in which it is sent."""

    key: str
    media: str


def raw_key(method: str, question: bytes, accept: bytes, language: bytes, content_type: bytes) -> bytes:
    """Names a request without understanding it."""
    digest = hashlib.blake2b(question, digest_size=24)
    for part in (method.encode(), accept, language, content_type):
        digest.update(b"\0%d\0" % len(part))
        digest.update(part)
    return digest.digest()


class GraphAnswers:
    """``cache`` keeps the answers; which raw request asks which is remembered here, for ``requests_max`` of them."""

    def __init__(self, cache: Cache[KeptGraphAnswer], requests_max: int) -> None:
        self._cache = cache
        self._requests_max = requests_max
        self._requests: OrderedDict[bytes, KnownRequest] = OrderedDict()

    def peek(self, raw: bytes) -> tuple[KeptGraphAnswer, str] | None:
        """The answer and its form, if a fresh one is in this process."""
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
