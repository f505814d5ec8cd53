"""Queries by their SHA-256: persisted by clients (automatic persisted queries), or allow-listed by the shop."""

import re
from collections import OrderedDict
from pathlib import Path
from typing import Protocol

import msgspec

from renga.frontends.bff.graphql.documents import sha256
from renga.platform.settings import SettingsInvalid

_HASH = re.compile(r"[0-9a-f]{64}")


class PersistedQueries(Protocol):
    """A store of queries by hash. Never raises: clients send a lost query again."""

    async def get(self, digest: str) -> str | None:
        """The query, or None if it is unknown or expired."""
        ...

    async def put(self, digest: str, text: str) -> None:
        """Store a query whose hash was verified."""
        ...


class MemoryPersistedQueries:
    """LRU cache of ``entries_max`` queries in this process, over the store ``behind``."""

    def __init__(self, entries_max: int, behind: PersistedQueries | None = None) -> None:
        self._entries_max = entries_max
        self._behind = behind
        self._known: OrderedDict[str, str] = OrderedDict()

    async def get(self, digest: str) -> str | None:
        found = self._known.get(digest)
        if found is not None:
            self._known.move_to_end(digest)
            return found
        if self._behind is None:
            return None
        found = await self._behind.get(digest)
        if found is not None:
            self._keep(digest, found)
        return found

    async def put(self, digest: str, text: str) -> None:
        if digest in self._known:
            return
        self._keep(digest, text)
        if self._behind is not None:
            await self._behind.put(digest, text)

    def _keep(self, digest: str, text: str) -> None:
        self._known[digest] = text
        if len(self._known) > self._entries_max:
            self._known.popitem(last=False)


def is_digest(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


def read_allow_list(path: str) -> dict[str, str] | None:
    """The allow-listed queries by hash; None without a list. Raises SettingsInvalid, naming the entry."""
    if not path:
        return None
    try:
        listed = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingsInvalid(f"graphql.allow_list: {path}: {error}") from error
    for digest, text in listed.items():
        if sha256(text) != digest:
            raise SettingsInvalid(f"graphql.allow_list: {path}: {digest} is not the SHA-256 of its query")
    return listed
