"""A pool's connection: returning it to the pool costs no statement unless its user changed the session."""

from typing import Any

import asyncpg


class PooledConnection(asyncpg.Connection):
    """asyncpg rolls back an open transaction itself, from what it knows, without asking.

    The rest of a session's state (LISTEN, SET, session-level advisory locks, cursors WITH HOLD, temporary tables) is reset by
    statements: only after ``session_changed``, which listening calls itself.
    """

    _changed = False

    async def add_listener(self, channel: str, callback: Any) -> None:
        session_changed(self)
        await super().add_listener(channel, callback)

    def get_reset_query(self) -> str:
        if not self._changed:
            return ""
        self._changed = False  # a connection whose reset fails is closed
        return str(super().get_reset_query())


def session_changed(connection: Any) -> None:
    """Call it before a statement that changes the session beyond its transaction: then the pool resets the connection.

    Other connections than those of ``open_pool`` are reset each time, or not shared.
    """
    inner = getattr(connection, "_con", connection)  # a pool hands out proxies
    if isinstance(inner, PooledConnection):
        inner._changed = True
