"""The running consumers of a bus: stopped together, with time to finish their current batches."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from renga.platform.retrying import Backoff

T = TypeVar("T")

#: How long closing waits for current batches.
CLOSE_TIMEOUT_S = 35.0
#: Bounds of the wait before a consumer reconnects; it doubles.
RECONNECT_WAIT_MIN_MS = 100
RECONNECT_WAIT_MAX_MS = 5_000


class Running:
    """The stop signal and the tasks that it stops."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def wanted(self) -> bool:
        """Whether the current task should continue: neither stopping nor cancelled.

        A task group that fails while it is being cancelled forgets the latter (before Python 3.13).
        """
        task = asyncio.current_task()
        return not self.stopping and not (task and task.cancelling())

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run until the work ends, the caller is cancelled, or the time-out of ``close`` has passed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        try:
            await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if not self.stopping or (caller is not None and caller.cancelling()):
                raise
        finally:
            self._tasks.discard(task)

    async def pause(self, wait_ms: int) -> bool:
        """Wait; returns False as soon as the bus is stopping."""
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await self._stop.wait()
        except TimeoutError:
            return True
        return False

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of the work, or None if the bus stops first (the work is then cancelled)."""
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            stop.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))

    async def close(self) -> None:
        """Stop; wait for current batches, at most CLOSE_TIMEOUT_S."""
        self._stop.set()
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)


def reconnecting() -> Backoff:
    """The waits of a consumer that cannot reach its engine."""
    return Backoff(wait_min_ms=RECONNECT_WAIT_MIN_MS, wait_max_ms=RECONNECT_WAIT_MAX_MS)
