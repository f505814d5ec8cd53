"""Runs processes kept in ``<schema>.processes``: leased, fenced, resumed by any worker. No transaction spans a step."""

import re
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec
import structlog

from renga.kernel.clock import Clock
from renga.kernel.errors import OutcomeUnknown, RengaError, Unavailable
from renga.platform.process.model import Definition, Done, FenceLost, Lease, State, Step

log = structlog.get_logger(__name__)

CALL_TIMEOUT_S = 5.0
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_encode = msgspec.json.Encoder().encode


def process_tables(schema: str) -> tuple[str, ...]:
    """The statements that a domain's migration runs to keep processes."""
    table = _table(schema)
    return (
        f"""
        CREATE TABLE {table} (
            id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name     text   NOT NULL,
            key      text   NOT NULL,
            status   text   NOT NULL CHECK (status IN ('running', 'undoing', 'done', 'undone', 'stuck')),
            position int    NOT NULL DEFAULT 0,
            attempts int    NOT NULL DEFAULT 0,
            state    jsonb  NOT NULL,
            reason   text   NOT NULL DEFAULT '',
            fence    bigint NOT NULL DEFAULT 0,
            due_ms   bigint NOT NULL
        )
        """,
        f"CREATE UNIQUE INDEX processes_live ON {table} (name, key) WHERE status NOT IN ('done', 'undone')",
        f"CREATE INDEX processes_due ON {table} (name, due_ms) WHERE status IN ('running', 'undoing')",
    )


class Processes:
    """One definition's processes. ``due_ms`` is when a worker may take one: a lease moves it to the lease's end."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        schema: str,
        definition: Definition,
        clock: Clock,
        crash_point: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._pool, self._clock, self._definition, self._crash = pool, clock, definition, crash_point
        self._table = _table(schema)

    async def start(self, key: str, state: State) -> bool:
        """Begin a process; False if one of this key is live."""
        statement = f"""
            INSERT INTO {self._table} (name, key, status, state, due_ms) VALUES ($1, $2, 'running', $3::jsonb, $4)
            ON CONFLICT (name, key) WHERE status NOT IN ('done', 'undone') DO NOTHING RETURNING true
        """
        values = (self._definition.name, key, _encode(state).decode(), self._clock.now_ms())
        return bool(await self._pool.fetchval(statement, *values, timeout=CALL_TIMEOUT_S))

    async def work_one(self) -> str | None:
        """Take one due process and run its steps until it ends or waits; its key, or None if none is due.

        Raises FenceLost if another worker took it over meanwhile: nothing of the late outcome was written.
        """
        row = await self._take()
        if row is None:
            return None
        while row is not None and row["status"] in ("running", "undoing"):
            row = await self._advance(row)
        return None if row is None else str(row["key"])

    async def _take(self) -> Any:
        statement = f"""
            UPDATE {self._table} SET fence = fence + 1, due_ms = $2 + $3 WHERE id = (
                SELECT id FROM {self._table} WHERE name = $1 AND status IN ('running', 'undoing') AND due_ms <= $2
                ORDER BY due_ms LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, key, status, position, attempts, state::text, fence
        """
        values = (self._definition.name, self._clock.now_ms(), self._definition.lease_ms)
        return await self._pool.fetchrow(statement, *values, timeout=CALL_TIMEOUT_S)

    async def _advance(self, row: Any) -> Any:
        undoing, position = row["status"] == "undoing", row["position"]
        step = self._definition.steps[position - 1 if undoing else position]
        lease = Lease(row["key"], row["fence"], msgspec.json.decode(row["state"]))
        position += -1 if undoing else 1
        status = row["status"]
        if undoing and position == 0:
            status = "undone"
        elif position == len(self._definition.steps) and not undoing:
            status = "done"
        try:
            done = await self._call(step, lease, undoing)
            saved = await self._save(row, done, status=status, position=position, due_ms=self._lease_end())
        except FenceLost:
            raise
        except RengaError as error:
            return await self._failed(row, error)
        except Exception as error:
            # a fault of the step itself: nobody knows how far it came, and it must not be tried for ever
            log.exception("process_step_broke", process=self._definition.name, key=row["key"], step=step.name)
            return await self._failed(row, OutcomeUnknown(f"step {step.name}: {type(error).__name__}"))
        if not undoing or step.undo:
            self._crash(f"{step.name}.committed_{'undo' if undoing else 'do'}")
        return saved

    async def _call(self, step: Step, lease: Lease, undoing: bool) -> Done:
        call, way = (step.undo, "undo") if undoing else (step.do, "do")
        if call is None:
            return Done()
        self._crash(f"{step.name}.before_{way}")
        done = await call(lease)
        self._crash(f"{step.name}.after_{way}")
        return done

    async def _failed(self, row: Any, error: RengaError) -> Any:
        rules, attempts, status, position = self._definition, row["attempts"] + 1, row["status"], row["position"]
        if attempts < rules.attempts_max and (isinstance(error, Unavailable) or status == "undoing"):
            wait_ms = min(rules.retry_wait_ms * 2 ** (attempts - 1), rules.retry_wait_max_ms)
            due_ms = self._clock.now_ms() + wait_ms
            await self._save(row, Done(), status=status, position=position, due_ms=due_ms, attempts=attempts)
            return None
        # the failing step itself may have acted before it failed, so its undo runs as well
        status, position = ("stuck", position) if status == "undoing" else ("undoing", position + 1)
        values = {"status": status, "position": position, "reason": f"{error.code}: {error.detail}"}
        return await self._save(row, Done(), due_ms=self._lease_end(), **values)

    async def _save(self, row: Any, done: Done, *, attempts: int = 0, reason: str = "", **to: Any) -> Any:
        statement = f"""
            UPDATE {self._table} SET status = $3, position = $4, due_ms = $5, attempts = $6, state = state || $7::jsonb,
                reason = CASE WHEN $8 = '' THEN reason ELSE $8 END
            WHERE id = $1 AND fence = $2 RETURNING id, key, status, position, attempts, state::text, fence
        """
        values = (to["status"], to["position"], to["due_ms"], attempts, _encode(done.state).decode(), reason)
        async with self._pool.acquire(timeout=CALL_TIMEOUT_S) as connection, connection.transaction():
            saved = await connection.fetchrow(statement, row["id"], row["fence"], *values, timeout=CALL_TIMEOUT_S)
            if saved is None:
                raise FenceLost(f"process {row['key']} has left fence {row['fence']}")
            if done.effect is not None:
                await done.effect(connection)
            return saved

    def _lease_end(self) -> int:
        return self._clock.now_ms() + self._definition.lease_ms


def _table(schema: str) -> str:
    if not _IDENTIFIER.fullmatch(schema):
        raise ValueError(f"{schema!r} is not a schema name")
    return f'"{schema}".processes'
