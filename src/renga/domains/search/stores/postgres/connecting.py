"""Calls on the pool, each with a deadline; translates the driver's errors to SearchUnavailable."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from renga.domains.search.contract import SearchUnavailable
from renga.kernel.errors import Unavailable
from renga.platform.postgres import calls

Connection = asyncpg.Connection  # an alias, so that the other modules do not import the driver
ACQUIRE_TIMEOUT_S = 3.0
WRITE_TIMEOUT_S = 60.0
MAINTENANCE_TIMEOUT_S = 3_600.0


@asynccontextmanager
async def reading(pool: "asyncpg.Pool[asyncpg.Record]") -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection for reads."""
    with _as_search_errors():
        async with calls.reading(pool, acquire_timeout_s=ACQUIRE_TIMEOUT_S) as connection:
            yield connection


@asynccontextmanager
async def writing(
    pool: "asyncpg.Pool[asyncpg.Record]", *, timeout_s: float = WRITE_TIMEOUT_S
) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection with an open transaction."""
    with _as_search_errors():
        async with calls.transaction(pool, acquire_timeout_s=ACQUIRE_TIMEOUT_S, timeout_s=timeout_s) as connection:
            yield connection


@asynccontextmanager
async def maintaining(pool: "asyncpg.Pool[asyncpg.Record]") -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection without a transaction, for maintenance that takes minutes on a large index."""
    with _as_search_errors():
        async with calls.reading(
            pool, acquire_timeout_s=ACQUIRE_TIMEOUT_S, timeout_s=MAINTENANCE_TIMEOUT_S
        ) as connection:
            yield connection


@contextmanager
def _as_search_errors() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        raise error if isinstance(error, SearchUnavailable) else SearchUnavailable(error.detail) from error
