"""One statement, or one transaction, on a pool, with deadlines and with the driver's errors as the port's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import asyncpg

from renga.domains.catalog.ports import StaleWrite
from renga.platform.postgres.errors import DatabaseUnavailable, database_errors

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

ACQUIRE_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 60.0

#: Two writers met, and this one lost.
_LOST_RACE = (
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


class Database:
    """A pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def fetch(self, query: str, *arguments: object) -> "list[asyncpg.Record]":
        with _translated():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return await connection.fetch(query, *arguments, timeout=READ_TIMEOUT_S)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        with _translated():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                with _translated(writes=True):
                    async with asyncio.timeout(WRITE_TIMEOUT_S), connection.transaction():
                        yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


@contextmanager
def _translated(*, writes: bool = False) -> Iterator[None]:
    """The driver's errors as the port's."""
    try:
        with database_errors(writes=writes):
            yield
    except _LOST_RACE as error:
        raise StaleWrite(str(error)) from error
    except asyncpg.InsufficientResourcesError as error:
        raise DatabaseUnavailable(f"the database is full: {error}") from error
