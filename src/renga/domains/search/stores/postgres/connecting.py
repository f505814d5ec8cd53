"""Calls on the pool: each has a deadline, and what the driver raises becomes SearchUnavailable."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from renga.domains.search.contract import SearchUnavailable
from renga.kernel.errors import Unavailable
from renga.platform.postgres.errors import database_errors

Connection = asyncpg.Connection  # an alias so that the modules beside this one name no driver
ACQUIRE_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 60.0
MAINTENANCE_TIMEOUT_S = 3_600.0


@asynccontextmanager
async def reading(pool: "asyncpg.Pool[asyncpg.Record]") -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection to ask with."""
    with _as_search_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, asyncio.timeout(READ_TIMEOUT_S):
            yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


@asynccontextmanager
async def writing(
    pool: "asyncpg.Pool[asyncpg.Record]", *, timeout_s: float = WRITE_TIMEOUT_S
) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection with an open transaction."""
    with _as_search_errors():
        async with (
            pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection,
            asyncio.timeout(timeout_s),
            connection.transaction(),
        ):
            yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


@asynccontextmanager
async def maintaining(pool: "asyncpg.Pool[asyncpg.Record]") -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection without a transaction, for what takes minutes on a large index."""
    with _as_search_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, asyncio.timeout(MAINTENANCE_TIMEOUT_S):
            yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


@contextmanager
def _as_search_errors() -> Iterator[None]:
    try:
        with database_errors():
            yield
    except TimeoutError as error:
        raise SearchUnavailable("search did not answer in time") from error
    except asyncpg.DeadlockDetectedError as error:
        raise SearchUnavailable("search is busy; nothing was changed") from error
    except Unavailable as error:
        raise error if isinstance(error, SearchUnavailable) else SearchUnavailable(error.detail) from error
