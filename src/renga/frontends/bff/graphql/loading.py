"""Batched loads of one request: keys requested in the same loop iteration go into one call; each key is loaded once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Loader(Generic[K, V]):
    """``load_many`` returns a mapping without the unknown keys; ``batch_max`` bounds one call."""

    def __init__(self, load_many: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, batch_max: int) -> None:
        self._load_many = load_many
        self._batch_max = batch_max
        self._known: dict[K, asyncio.Future[V | None]] = {}
        self._waiting: list[K] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> "asyncio.Future[V | None]":
        """The value of the key, or None."""
        future = self._known.get(key)
        if future is None:
            loop = asyncio.get_running_loop()
            future = self._known[key] = loop.create_future()
            if not self._waiting:
                loop.call_soon(self._leave)
            self._waiting.append(key)
        return future

    def _leave(self) -> None:
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), self._batch_max):
            task = asyncio.ensure_future(self._fetch(waiting[start : start + self._batch_max]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fetch(self, keys: Sequence[K]) -> None:
        try:
            found = await self._load_many(keys)
        except Exception as error:
            for key in keys:
                future = self._known[key]
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # retrieve the exception: the waiting caller may have been cancelled
            return
        for key in keys:
            future = self._known[key]
            if not future.done():
                future.set_result(found.get(key))
