"""Calls on a pool: a read, a statement or a transaction, each with deadlines and without the driver's errors.

All raise DatabaseUnavailable; writes raise DatabaseOutcomeUnknown if the change may have happened. An error of the statement
itself (a violated constraint) is raised unchanged for the caller to handle.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import asyncpg

from renga.platform.postgres.errors import DatabaseUnavailable, database_errors

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

#: Time-outs of waiting for a free connection, of a read, and of a transaction from BEGIN to COMMIT.
ACQUIRE_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 15.0

#: Two writers conflicted and the server rolled this one back.
_LOST_RACE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


async def fetch(pool: Pool, query: str, *arguments: object) -> "list[asyncpg.Record]":
    """The rows of a query that only reads."""
    with database_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await connection.fetch(query, *arguments, timeout=READ_TIMEOUT_S)


async def fetch_row(pool: Pool, query: str, *arguments: object) -> "asyncpg.Record | None":
    """The first row of a query that only reads."""
    rows = await fetch(pool, query, *arguments)
    return rows[0] if rows else None


async def execute(pool: Pool, statement: str, *arguments: object) -> str:
    """The status of one statement that writes, in a transaction of its own."""
    async with _connection(pool, ACQUIRE_TIMEOUT_S) as connection, asyncio.timeout(WRITE_TIMEOUT_S):
        return await connection.execute(statement, *arguments)


@asynccontextmanager
async def reading(
    pool: Pool, *, acquire_timeout_s: float = ACQUIRE_TIMEOUT_S, timeout_s: float = READ_TIMEOUT_S
) -> AsyncIterator[Connection]:
    """A connection for several reads, all within ``timeout_s``."""
    with database_errors():
        async with pool.acquire(timeout=acquire_timeout_s) as connection, asyncio.timeout(timeout_s):
            yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


@asynccontextmanager
async def transaction(
    pool: Pool,
    *,
    acquire_timeout_s: float = ACQUIRE_TIMEOUT_S,
    timeout_s: float = WRITE_TIMEOUT_S,
    lost_race: Callable[[str], Exception] = DatabaseUnavailable,
) -> AsyncIterator[Connection]:
    """A connection with an open transaction, committed within ``timeout_s``. ``lost_race`` is raised on a write conflict."""
    async with (
        _connection(pool, acquire_timeout_s, lost_race) as connection,
        asyncio.timeout(timeout_s),
        connection.transaction(),
    ):
        yield connection


@asynccontextmanager
async def _connection(
    pool: Pool, acquire_timeout_s: float, lost_race: Callable[[str], Exception] = DatabaseUnavailable
) -> AsyncIterator[Connection]:
    # without a connection nothing can have happened
    with _rolled_back(lost_race), database_errors():
        async with pool.acquire(timeout=acquire_timeout_s) as connection:
            with database_errors(writes=True):
                yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


@contextmanager
def _rolled_back(lost_race: Callable[[str], Exception]) -> Iterator[None]:
    try:
        yield
    except _LOST_RACE as error:
        raise lost_race(f"two writers met: {error}") from error
    except asyncpg.InsufficientResourcesError as error:
        raise DatabaseUnavailable(f"the database is full: {error}") from error
