"""One after another, by key, in this process.

Optimistic writers that meet again and again would each do their work in vain; in turn, each finds what the one before has done.
Between processes the store's version check decides: this only saves work.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """A lock per key, for as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[bool]:
        """Waits for those who came before; whether there was somebody to wait for."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        waits = lock.locked()
        async with lock:
            yield waits
