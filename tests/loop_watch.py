"""Measures how long the event loop's thread works without giving way: CPU time of one callback, not wall time.

CPU time does not count what other processes take, so that a busy machine fails nothing; collections of garbage are kept out,
for what they cost depends on the tests that ran before.
"""

import asyncio
import gc
import time
from asyncio.events import Handle
from collections.abc import Coroutine
from typing import Any, TypeVar

#: What no callback of the loop may take, whatever a client sent.
STEP_MS_MAX = 100.0


T = TypeVar("T")


class LoopWatch:
    """``longest_ms`` is that of the dearest callback, ``dearest`` its name."""

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self.dearest = ""
        self._run: Any = Handle._run

    async def over(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work returns; it runs in a task of its own, so that its first step is measured too."""
        with self:
            return await asyncio.create_task(work)

    def __enter__(self) -> "LoopWatch":
        gc.collect()
        gc.freeze()
        original, watch = self._run, self

        def run(handle: Any) -> None:
            before = time.thread_time()
            original(handle)
            taken = (time.thread_time() - before) * 1_000
            if taken > watch.longest_ms:
                watch.longest_ms, watch.dearest = taken, repr(handle)[:300]

        Handle._run = run  # type: ignore[method-assign, assignment]  # put back at the end
        return self

    def __exit__(self, *_: object) -> None:
        Handle._run = self._run  # type: ignore[method-assign]
        gc.unfreeze()

    def check(self) -> None:
        """Raises AssertionError if one callback took longer than STEP_MS_MAX."""
        assert self.longest_ms > 0, "nothing was measured"
        assert self.longest_ms < STEP_MS_MAX, f"{self.longest_ms:.0f} ms without giving way: {self.dearest}"
