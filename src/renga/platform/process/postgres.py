"""Runs the processes in ``<schema>.processes``: leased, fenced, resumed by any worker. No transaction spans a step."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from renga.kernel.errors import OutcomeUnknown, RengaError, Unavailable
from renga.platform.postgres import calls
from renga.platform.process import metrics
from renga.platform.process.model import Done, FenceLost, Lease, Signal, State, Step, Wait, Woken
from renga.platform.process.tables import ClaimedProcess, Progress, claimed, process_tables
from renga.platform.process.upkeep import ProcessUpkeep

__all__ = ["Processes", "process_tables"]

log = structlog.get_logger(__name__)

#: Most characters of an error stored as the reason of an undo.
REASON_CHARS_MAX = 2_000

_encode = msgspec.json.Encoder().encode


class Processes(ProcessUpkeep):
    """The processes of one definition. A worker may take one from ``due_ms`` on; a lease sets ``due_ms`` to its end."""

    async def work_one(self) -> str | None:
        """Take one due process and run its steps until it ends or waits; returns its key, None if none is due.

        Raises FenceLost if another worker took over meanwhile: the late outcome was not written.
        """
        row = await self.claim()
        if row is None:
            return None
        return row.key if await self.work(row) else None

    async def claim(self) -> ClaimedProcess | None:
        """Lease one due process. Raises DatabaseUnavailable, DatabaseOutcomeUnknown (then the lease expires)."""
        async with calls.transaction(self._pool) as connection:
            values = (self._name, self._clock.now_ms(), self._definition.lease_ms)
            row = await connection.fetchrow(self._sql.claim, *values)
        if row is None:
            return None
        self._crash("claimed")
        return claimed(row)

    async def begin(
        self, connection: calls.Connection, key: str, state: State, *, claimed_here: bool = True
    ) -> ClaimedProcess | None:
        """Start a process in the caller's transaction; None if there is a live one with this key.

        ``claimed_here``: with a lease of the caller, who calls ``work`` after the commit; a worker has it when the lease ends.
        """
        now = self._clock.now_ms()
        due_ms, fence = (now + self._definition.lease_ms, 1) if claimed_here else (now, 0)
        row = await connection.fetchrow(self._sql.begin, self._name, key, _encode(state).decode(), now, fence, due_ms)
        if row is not None and not claimed_here:
            await self._notify(connection)
        if row is not None:
            metrics.STARTED.labels(self._name).inc()
        return None if row is None else claimed(row)

    async def claim_one(self, process_id: int) -> ClaimedProcess | None:
        """Lease one process that is due, or that waits: its step is called again, as if its time had come.

        None: it has ended, or somebody works on it. Raises as ``claim``.
        """
        async with calls.transaction(self._pool) as connection:
            values = (self._name, self._clock.now_ms(), self._definition.lease_ms, process_id)
            row = await connection.fetchrow(self._sql.claim_one, *values)
        return None if row is None else claimed(row)

    async def work(self, row: ClaimedProcess, *, stopping: Callable[[], bool] = lambda: False) -> bool:
        """Run the steps of a claimed process; False if it must be retried later. ``stopping``: release the lease instead.

        Raises FenceLost, DatabaseUnavailable, DatabaseOutcomeUnknown: the lease expires and another worker resumes the process.
        """
        saved: ClaimedProcess | None = row
        while saved is not None and saved.status in ("running", "undoing"):
            if stopping():
                await self._give_back(saved)
                return True
            saved = await self._advance(saved)
        return saved is not None

    async def _advance(self, row: ClaimedProcess) -> ClaimedProcess | None:
        undoing = row.status == "undoing"
        step = self._definition.steps[row.position - 1 if undoing else row.position]
        try:
            lease = Lease(row.key, row.fence, row.state, row.id, await self._woken(row))
            answer = await self._call(step, lease, undoing)
            saved = await self._succeeded(row, answer, undoing)
        except FenceLost:
            metrics.TAKEN_OVER.labels(self._name).inc()
            raise
        except RengaError as error:
            return await self._failed(row, error)
        except Exception as error:
            # a bug in the step: it is unknown how far it came, and it must not be retried for ever
            log.exception("process_step_broke", process=self._name, key=row.key, step=step.name)
            return await self._failed(row, OutcomeUnknown(f"step {step.name}: {type(error).__name__}"))
        if not undoing or step.undo:
            how = "waiting" if isinstance(answer, Wait) else "committed"
            self._crash(f"{step.name}.{how}_{'undo' if undoing else 'do'}")
        return saved

    async def _woken(self, row: ClaimedProcess) -> Woken | None:
        if not row.woken:
            return None if row.woken is None else Woken()
        found = await calls.fetch_row(self._pool, self._sql.signal_of, row.woken)
        assert found is not None, "a signal is deleted with its process"
        return Woken(Signal(found["id"], found["name"], msgspec.json.decode(found["payload"])))

    async def _call(self, step: Step, lease: Lease, undoing: bool) -> Done | Wait:
        way = "undo" if undoing else "do"
        call: Callable[[Lease], Any] | None = step.undo if undoing else step.do
        if call is None:
            return Done()
        self._crash(f"{step.name}.before_{way}")
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._definition.lease_ms / 1000):
                answer: Done | Wait = await call(lease)
        finally:
            metrics.STEP_SECONDS.labels(self._name, step.name, way).observe(time.monotonic() - began)
        self._crash(f"{step.name}.after_{way}")
        return answer

    async def _succeeded(self, row: ClaimedProcess, answer: Done | Wait, undoing: bool) -> ClaimedProcess:
        if isinstance(answer, Wait):
            if undoing:
                raise TypeError("an undo cannot wait")
            until_ms, awaits = answer.until_ms, answer.signal
            to = Progress(status="waiting", position=row.position, due_ms=until_ms, awaits=awaits)
            return await self._save(row, answer, to)
        status, position = row.status, row.position + (-1 if undoing else 1)
        if undoing and position == 0:
            status = "undone"
        elif position == len(self._definition.steps) and not undoing:
            status = "done"
        to = Progress(status=status, position=position, due_ms=self._lease_end())
        return await self._save(row, answer, to)

    async def _failed(self, row: ClaimedProcess, error: RengaError) -> ClaimedProcess | None:
        rules, attempts, undoing = self._definition, row.attempts + 1, row.status == "undoing"
        if attempts < rules.attempts_max and (isinstance(error, Unavailable) or undoing):
            wait_ms = min(rules.retry_wait_ms * 2 ** (attempts - 1), rules.retry_wait_max_ms)
            due_ms, position = self._clock.now_ms() + wait_ms, row.position
            to = Progress(status=row.status, position=position, due_ms=due_ms, attempts=attempts, woken=row.woken)
            await self._save(row, Done(), to)
            return None
        # the failing step may have had an effect, so its undo runs too
        status, position = ("stuck", row.position) if undoing else ("undoing", row.position + 1)
        reason = f"{error.code}: {error.detail}"[:REASON_CHARS_MAX]
        to = Progress(status=status, position=position, due_ms=self._lease_end(), reason=reason)
        return await self._save(row, Done(), to)

    async def _save(self, row: ClaimedProcess, answer: Done | Wait, to: Progress) -> ClaimedProcess:
        now, was = self._clock.now_ms(), (row.id, row.fence, row.status, row.position)
        values = (to.status, to.position, to.due_ms, to.attempts, _encode(answer.state).decode())
        async with calls.transaction(self._pool) as connection:
            saved = await connection.fetchrow(self._sql.save, *was, *values, to.reason, to.awaits, to.woken, now)
            if saved is None:
                raise FenceLost(f"process {row.key} has left fence {row.fence}")
            if row.woken and to.woken is None:
                await connection.execute(self._sql.take_signal, row.woken)
            if to.awaits:
                await connection.execute(self._sql.wake_if_signalled, row.id, now)
            if answer.effect is not None:
                await answer.effect(connection)
        if to.status in ("done", "undone", "stuck"):
            metrics.ENDED.labels(self._name, to.status).inc()
        return claimed(saved)

    async def _give_back(self, row: ClaimedProcess) -> None:
        async with calls.transaction(self._pool) as connection:
            if await connection.fetchval(self._sql.give_back, row.id, row.fence, self._clock.now_ms()) is not None:
                await self._notify(connection)

    def _lease_end(self) -> int:
        return self._clock.now_ms() + self._definition.lease_ms
