"""News of outboxes that are SQL tables: ``append`` notifies, one connection listens for all of them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from renga.platform.outbox.postgres import CHANNEL
from renga.platform.postgres import calls
from renga.platform.postgres.errors import DatabaseUnavailable, database_errors

#: How long the notification to itself may take.
TRIAL_S = 2.0


class PostgresOutboxNews:
    """``schemas``: the schema of each outbox, by the outbox's name.

    When it begins it notifies itself: behind a pooler in transaction mode that does not arrive, and there are no news.
    """

    def __init__(self, pool: calls.Pool, schemas: dict[str, str]) -> None:
        self._pool, self._schemas = pool, schemas
        self.names = frozenset(schemas)
        self._known = frozenset(schemas.values())
        self._changed = asyncio.Event()
        self._fresh: set[str] = set()
        self._token = f"trial {secrets.token_hex(8)}"  # no schema's name
        self._listening: asyncio.Task[None] | None = None

    async def wait(self, names: Collection[str]) -> bool:
        """Returns at once when listening begins: what was told before, nobody heard."""
        wanted = {self._schemas[name] for name in names}
        if self._listening is None or self._listening.done():
            await self._begin()
            return True
        while not self._fresh & wanted:
            self._changed.clear()
            changed = asyncio.create_task(self._changed.wait())
            await asyncio.wait((changed, self._listening), return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if self._listening.done():
                cause = None if self._listening.cancelled() else self._listening.exception()
                raise DatabaseUnavailable("the listening connection is lost") from cause
        self._fresh -= wanted
        return True

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait((self._listening,))

    async def _begin(self) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(ready))
        self._listening.add_done_callback(_retrieve)
        await asyncio.wait((ready, self._listening), return_when=asyncio.FIRST_COMPLETED)
        if self._listening.done():
            await self._listening  # raises why
        try:
            await self._hear_ourselves()
        except BaseException:
            await self.close()
            raise

    async def _hear_ourselves(self) -> None:
        """Raises DatabaseUnavailable if notifications do not arrive."""
        await calls.execute(self._pool, "SELECT pg_notify($1, $2)", CHANNEL, self._token)
        deadline_s = asyncio.get_running_loop().time() + TRIAL_S
        while self._token not in self._fresh:
            self._changed.clear()
            try:
                async with asyncio.timeout_at(deadline_s):
                    await self._changed.wait()
            except TimeoutError:
                raise DatabaseUnavailable(
                    "notifications do not arrive: is this a pooler in transaction mode?"
                ) from None
        self._fresh.discard(self._token)

    async def _listen(self, ready: "asyncio.Future[None]") -> None:
        lost = asyncio.Event()
        async with self._connection(lost) as connection:
            await connection.add_listener(CHANNEL, self._hear)
            try:
                ready.set_result(None)
                await lost.wait()
            finally:
                # a pool takes a lost connection back, and refuses every call on it from then on
                if not lost.is_set() and not connection.is_closed():
                    await connection.remove_listener(CHANNEL, self._hear)

    @asynccontextmanager
    async def _connection(self, lost: asyncio.Event) -> AsyncIterator[calls.Connection]:
        def on_loss(_connection: Any) -> None:
            lost.set()

        with database_errors():
            async with self._pool.acquire(timeout=calls.ACQUIRE_TIMEOUT_S) as connection:
                connection.add_termination_listener(on_loss)
                try:
                    yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection
                finally:
                    if not lost.is_set():
                        connection.remove_termination_listener(on_loss)

    def _hear(self, _connection: Any, _pid: int, _channel: str, schema: object) -> None:
        if schema == self._token or schema in self._known:
            self._fresh.add(str(schema))
            self._changed.set()


def _retrieve(listening: "asyncio.Task[None]") -> None:
    """Whoever waits for news is told of its end; after a close nobody waits."""
    if not listening.cancelled():
        listening.exception()
