"""A worker's tasks besides the steps: listen for new work, set gauges, delete processes that ended long ago."""

import asyncio
from collections.abc import Callable
from typing import Any

from renga.platform.postgres import calls
from renga.platform.postgres.errors import database_errors
from renga.platform.process import metrics
from renga.platform.process.control import PostgresProcessControl

#: Most ended processes that one sweep deletes.
SWEEP_MAX = 1_000


class ProcessUpkeep(PostgresProcessControl):
    """The control of a definition's processes, and their upkeep."""

    async def sweep(self, *, retention_ms: int) -> int:
        """Delete processes that ended before the retention, with their signals, at most SWEEP_MAX; returns how many."""
        until_ms = self._clock.now_ms() - retention_ms
        done = await calls.execute(self._pool, self._sql.sweep, self._name, until_ms, SWEEP_MAX)
        return int(done.rpartition(" ")[2])

    async def measure(self) -> None:
        """Set the gauges. Raises DatabaseUnavailable."""
        row = await calls.fetch_row(self._pool, self._sql.measure, self._name)
        assert row is not None
        metrics.STUCK.labels(self._name).set(row["stuck"])
        oldest = row["oldest_due_ms"]
        waits_ms = 0 if oldest is None else max(0, self._clock.now_ms() - oldest)
        metrics.OVERDUE.labels(self._name).set(waits_ms / 1000)

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when a process may be due, until the connection, which it occupies, is lost.

        Raises DatabaseUnavailable. Behind a pooler in transaction mode there are no notifications.
        """
        lost = asyncio.Event()

        def on_notification(_connection: Any, _pid: int, _channel: str, name: object) -> None:
            if name == self._name:
                wake()

        def on_loss(_connection: Any) -> None:
            lost.set()

        with database_errors():
            async with self._pool.acquire(timeout=calls.ACQUIRE_TIMEOUT_S) as connection:
                connection.add_termination_listener(on_loss)
                try:
                    await connection.add_listener(self._sql.channel, on_notification)
                    wake()  # for notifications sent before we listened
                    await lost.wait()
                finally:
                    connection.remove_termination_listener(on_loss)
                    if not connection.is_closed():
                        await connection.remove_listener(self._sql.channel, on_notification)
