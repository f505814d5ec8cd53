"""Implements ``ProcessControl`` on PostgreSQL: each call is one short transaction."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from renga.kernel.clock import Clock
from renga.platform.postgres import calls
from renga.platform.process import metrics
from renga.platform.process.model import Definition, SignalsFull, State
from renga.platform.process.port import PAYLOAD_BYTES_MAX, SIGNALS_MAX, STUCK_PAGE_MAX, StuckProcess
from renga.platform.process.tables import Statements

_encode = msgspec.json.Encoder().encode


class PostgresProcessControl:
    """Implements ``ProcessControl``. Changes are notified on the schema's channel, so that idle workers poll at once."""

    def __init__(
        self,
        pool: calls.Pool,
        schema: str,
        definition: Definition,
        clock: Clock,
        crash_point: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._pool, self._clock, self._definition, self._crash = pool, clock, definition, crash_point
        self._sql, self._name = Statements(schema), definition.name

    async def start(self, key: str, state: State) -> bool:
        async with calls.transaction(self._pool) as connection:
            values = (self._name, key, _encode(state).decode(), self._clock.now_ms())
            begun = await connection.fetchval(self._sql.start, *values) is not None
            if begun:
                await self._notify(connection)
        if begun:
            metrics.STARTED.labels(self._name).inc()
        return begun

    async def live_id(self, key: str) -> int | None:
        row = await calls.fetch_row(self._pool, self._sql.live_id, self._name, key)
        return None if row is None else int(row["id"])

    async def signal(self, process_id: int, name: str, payload: State, *, signal_id: str) -> bool:
        encoded = _encode(payload)
        if not name or len(encoded) > PAYLOAD_BYTES_MAX:
            raise ValueError(f"a signal has a name and a payload of at most {PAYLOAD_BYTES_MAX} bytes")
        self._crash("signal.before")
        async with calls.transaction(self._pool) as connection:
            # the row lock: a worker writes its wait either before us (then we wake it) or after us (then it finds the signal)
            row = await connection.fetchrow(self._sql.lock, process_id, self._name)
            if await connection.fetchval(self._sql.has_signal, process_id, signal_id):
                return True
            if row is None or row["status"] in ("done", "undone"):
                return False
            if await connection.fetchval(self._sql.count_signals, process_id) >= SIGNALS_MAX:
                raise SignalsFull()
            await connection.execute(self._sql.add_signal, process_id, signal_id, name, encoded.decode())
            if row["status"] == "waiting" and row["awaits"] == name:
                await connection.execute(self._sql.wake, process_id, self._clock.now_ms())
                await self._notify(connection)
            self._crash("signal.written")
        self._crash("signal.committed")
        return True

    async def stuck(self, *, after_id: int = 0, limit: int = STUCK_PAGE_MAX) -> Sequence[StuckProcess]:
        rows = await calls.fetch(self._pool, self._sql.stuck, self._name, after_id, min(limit, STUCK_PAGE_MAX))
        return [
            StuckProcess(
                id=row["id"],
                key=row["key"],
                step=self._definition.steps[row["position"] - 1].name,
                reason=row["reason"],
                since_ms=row["changed_ms"],
            )
            for row in rows
        ]

    async def retry(self, process_id: int) -> bool:
        async with calls.transaction(self._pool) as connection:
            now = self._clock.now_ms()
            found = await connection.fetchval(self._sql.retry, process_id, self._name, now) is not None
            if found:
                await self._notify(connection)
        return found

    async def _notify(self, connection: Any) -> None:
        await connection.execute("SELECT pg_notify($1, $2)", self._sql.channel, self._name)
