"""Leases that many tasks of one holder renew: calls of the same moment go to the server as one."""

import asyncio
from collections.abc import Iterable
from typing import Any

from renga.platform.redis.leases import Leases

#: How long a call waits for others like it.
GATHER_MS = 20


class SharedLeases(Leases):
    """Use it with one event loop."""

    _waiting: "dict[str, tuple[set[str], asyncio.Task[frozenset[str]]]]"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting = {}

    async def _each(self, names: Iterable[str], script: str, *arguments: Any) -> frozenset[str]:
        # the arguments are the same for every call of a script: the holder and the time to live
        wanted = frozenset(names)
        if script not in self._waiting:
            task = asyncio.create_task(self._together(script, *arguments))
            task.add_done_callback(_seen)
            self._waiting[script] = (set(), task)
        gathered, task = self._waiting[script]
        gathered |= wanted
        return await asyncio.shield(task) & wanted

    async def _together(self, script: str, *arguments: Any) -> frozenset[str]:
        await asyncio.sleep(GATHER_MS / 1000)
        gathered, _ = self._waiting.pop(script)
        return await super()._each(sorted(gathered), script, *arguments)


def _seen(task: "asyncio.Task[frozenset[str]]") -> None:
    """Whoever asked may have been cancelled: then nobody else looks at the error."""
    if not task.cancelled():
        task.exception()
