"""The two tables of a domain's processes, and the statements on them."""

import re
from typing import Any

import msgspec

from renga.platform.process.model import State

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
#: Most bytes of a channel's name in PostgreSQL.
_CHANNEL_CHARS_MAX = 63

LIVE = "status NOT IN ('done', 'undone')"
#: The processes that a worker takes when they are due.
_WORKABLE = "status IN ('running', 'undoing', 'waiting')"
_ROW = "id, key, status, position, attempts, state::text, fence, woken"


class ClaimedProcess(msgspec.Struct, frozen=True):
    """A process as its worker read it. ``woken``: the number of the signal that woke it, 0: its time, None: neither."""

    id: int
    key: str
    status: str
    position: int
    attempts: int
    state: State
    fence: int
    woken: int | None


def claimed(row: Any) -> ClaimedProcess:
    """A row of the statements below as a ``ClaimedProcess``."""
    number, key, status, position, attempts, state, fence, woken = row
    return ClaimedProcess(number, key, status, position, attempts, msgspec.json.decode(state), fence, woken)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a worker writes about its process; always written completely."""

    status: str
    position: int
    due_ms: int
    attempts: int = 0
    reason: str = ""
    awaits: str = ""
    woken: int | None = None


def process_tables(schema: str) -> tuple[str, ...]:
    """The statements of a domain's migration that create its process tables."""
    s = Statements(schema)
    return (
        f"""
        CREATE TABLE {s.processes} (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name       text   NOT NULL,
            key        text   NOT NULL,
            status     text   NOT NULL CHECK (status IN ('running', 'undoing', 'waiting', 'done', 'undone', 'stuck')),
            position   int    NOT NULL DEFAULT 0,
            attempts   int    NOT NULL DEFAULT 0,
            state      jsonb  NOT NULL,
            reason     text   NOT NULL DEFAULT '',
            fence      bigint NOT NULL DEFAULT 0,
            awaits     text   NOT NULL DEFAULT '',
            woken      bigint,
            due_ms     bigint NOT NULL,
            changed_ms bigint NOT NULL
        )
        """,
        f"CREATE UNIQUE INDEX processes_live ON {s.processes} (name, key) WHERE {LIVE}",
        f"CREATE INDEX processes_due ON {s.processes} (name, due_ms) WHERE {_WORKABLE}",
        f"CREATE INDEX processes_stuck ON {s.processes} (name, id) WHERE status = 'stuck'",
        f"CREATE INDEX processes_ended ON {s.processes} (name, changed_ms) WHERE status IN ('done', 'undone')",
        f"""
        CREATE TABLE {s.signals} (
            number  bigint  GENERATED ALWAYS AS IDENTITY UNIQUE,
            process bigint  NOT NULL REFERENCES {s.processes} ON DELETE CASCADE,
            id      text    NOT NULL,
            name    text    NOT NULL,
            payload jsonb   NOT NULL,
            taken   boolean NOT NULL DEFAULT false,
            PRIMARY KEY (process, id)
        )
        """,
    )


class Statements:
    """The SQL for one schema. Raises ValueError for an invalid schema name."""

    def __init__(self, schema: str) -> None:
        if not _IDENTIFIER.fullmatch(schema):
            raise ValueError(f"{schema!r} is not a schema name")
        self.processes = processes = f'"{schema}".processes'
        self.signals = signals = f'"{schema}".process_signals'
        self.channel = f"processes:{schema}"[:_CHANNEL_CHARS_MAX]
        self.start = f"""
            INSERT INTO {processes} (name, key, status, state, due_ms, changed_ms)
            VALUES ($1, $2, 'running', $3::jsonb, $4, $4)
            ON CONFLICT (name, key) WHERE {LIVE} DO NOTHING RETURNING id
        """
        self.begin = f"""
            INSERT INTO {processes} (name, key, status, state, fence, due_ms, changed_ms)
            VALUES ($1, $2, 'running', $3::jsonb, $5, $6, $4)
            ON CONFLICT (name, key) WHERE {LIVE} DO NOTHING RETURNING {_ROW}
        """
        # ``woken`` is written before the step is called, so that after a crash the step is called with the same reason
        claim = f"""
            UPDATE {processes} AS p SET fence = p.fence + 1, due_ms = $2 + $3, awaits = '',
                status = CASE p.status WHEN 'waiting' THEN 'running' ELSE p.status END,
                woken = CASE p.status WHEN 'waiting' THEN coalesce(
                    (SELECT min(number) FROM {signals} s WHERE s.process = p.id AND s.name = p.awaits AND NOT s.taken), 0)
                    ELSE p.woken END
            WHERE id = (
                SELECT id FROM {processes} WHERE name = $1 AND {_WORKABLE} AND %s
                ORDER BY due_ms LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {_ROW}
        """
        self.claim = claim % "due_ms <= $2"
        self.claim_one = claim % "id = $4 AND (due_ms <= $2 OR status = 'waiting')"
        # compares position and status too: a write whose answer was lost must not be overwritten by the same worker's next one
        self.save = f"""
            UPDATE {processes} SET status = $5, position = $6, due_ms = $7, attempts = $8, state = state || $9::jsonb,
                reason = CASE WHEN $10 = '' THEN reason ELSE $10 END, awaits = $11, woken = $12, changed_ms = $13
            WHERE id = $1 AND fence = $2 AND status = $3 AND position = $4 RETURNING {_ROW}
        """
        self.give_back = f"""
            UPDATE {processes} SET due_ms = $3 WHERE id = $1 AND fence = $2 AND status IN ('running', 'undoing') RETURNING id
        """
        self.take_signal = f"UPDATE {signals} SET taken = true WHERE number = $1"
        self.wake_if_signalled = f"""
            UPDATE {processes} p SET due_ms = least(due_ms, $2) WHERE id = $1 AND EXISTS (
                SELECT FROM {signals} s WHERE s.process = p.id AND s.name = p.awaits AND NOT s.taken)
        """
        self.signal_of = f"SELECT id, name, payload::text FROM {signals} WHERE number = $1"
        self.lock = f"SELECT status, awaits FROM {processes} WHERE id = $1 AND name = $2 FOR UPDATE"
        self.has_signal = f"SELECT true FROM {signals} WHERE process = $1 AND id = $2"
        self.count_signals = f"SELECT count(*) FROM {signals} WHERE process = $1 AND NOT taken"
        self.add_signal = f"INSERT INTO {signals} (process, id, name, payload) VALUES ($1, $2, $3, $4::jsonb)"
        self.wake = f"UPDATE {processes} SET due_ms = least(due_ms, $2) WHERE id = $1"
        self.live_id = f"SELECT id FROM {processes} WHERE name = $1 AND key = $2 AND {LIVE}"
        self.stuck = f"""
            SELECT id, key, position, reason, changed_ms FROM {processes}
            WHERE name = $1 AND status = 'stuck' AND id > $2 ORDER BY id LIMIT $3
        """
        self.retry = f"""
            UPDATE {processes} SET status = 'undoing', attempts = 0, due_ms = $3, changed_ms = $3
            WHERE id = $1 AND name = $2 AND status = 'stuck' RETURNING id
        """
        self.sweep = f"""
            DELETE FROM {processes} WHERE id IN (
                SELECT id FROM {processes} WHERE name = $1 AND status IN ('done', 'undone') AND changed_ms < $2
                ORDER BY changed_ms LIMIT $3) AND status IN ('done', 'undone')
        """
        self.measure = f"""
            SELECT (SELECT count(*) FROM {processes} WHERE name = $1 AND status = 'stuck') AS stuck,
                (SELECT min(due_ms) FROM {processes} WHERE name = $1 AND {_WORKABLE}) AS oldest_due_ms
        """
