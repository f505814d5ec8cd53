"""Whole answers of public queries, kept by what was asked; found again from the raw request before anything is parsed."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from renga.kernel.clock import Clock
from renga.platform.cache.port import Cache, Loaded

#: Bytes of all answers that a process keeps.
BYTES_MAX = 64 * 2**20


class Kept(msgspec.Struct, frozen=True):
    """An answer without errors, the same for everybody who asks the same."""

    body: bytes
    etag: bytes
    tags: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
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


def etag_of(body: bytes) -> bytes:
    return b'"' + hashlib.blake2b(body, digest_size=15).hexdigest().encode() + b'"'


class Answers:
    """``cache`` keeps the answers; which raw request asks which is remembered here, for ``requests_max`` of them."""

    def __init__(self, cache: Cache[Kept], requests_max: int) -> None:
        self._cache = cache
        self._requests_max = requests_max
        self._requests: OrderedDict[bytes, Found] = OrderedDict()

    def peek(self, raw: bytes) -> tuple[Kept, str] | None:
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
        self._requests[raw] = Found(key, media)
        if len(self._requests) > self._requests_max:
            self._requests.popitem(last=False)

    async def get(self, key: str, load: Callable[[], Awaitable[Loaded[Kept]]]) -> Kept | None:
        return await self._cache.get(key, load)


class LocalCache:
    """Implements ``Cache`` in the simplest way: in this process, bounded, one time of life, dropped by tag."""

    def __init__(self, clock: Clock, *, entries_max: int, fresh_ms: int, bytes_max: int = BYTES_MAX) -> None:
        self._clock = clock
        self._bytes, self._bytes_max = 0, bytes_max
        self._entries_max, self._fresh_ms = entries_max, fresh_ms
        self._entries: OrderedDict[str, tuple[int, Kept, frozenset[str]]] = OrderedDict()
        self._by_tag: dict[str, set[str]] = {}
        self._drops = 0

    def peek(self, key: str) -> Kept | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= self._clock.now_ms():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry[1]

    async def get(self, key: str, load: Callable[[], Awaitable[Loaded[Kept]]]) -> Kept | None:
        found = self.peek(key)
        if found is not None:
            return found
        drops = self._drops
        loaded = await load()
        if loaded.value is not None and drops == self._drops:
            self._keep(key, loaded.value, loaded.tags)
        return loaded.value

    def drop(self, tags: Iterable[str]) -> None:
        self._drops += 1
        for tag in tags:
            for key in tuple(self._by_tag.get(tag, ())):
                self._forget(key)

    def clear(self) -> None:
        self._drops += 1
        self._entries.clear()
        self._by_tag.clear()
        self._bytes = 0

    def _keep(self, key: str, value: Kept, tags: frozenset[str]) -> None:
        self._forget(key)
        self._entries[key] = (self._clock.now_ms() + self._fresh_ms, value, tags)
        for tag in tags:
            self._by_tag.setdefault(tag, set()).add(key)
        self._bytes += len(value.body)
        while len(self._entries) > self._entries_max or self._bytes > self._bytes_max:
            self._forget(next(iter(self._entries)))

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= len(entry[1].body)
        for tag in entry[2]:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]
