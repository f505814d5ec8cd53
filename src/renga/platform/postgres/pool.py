"""Opens the connection pool that a process shares; creates a database that does not exist yet."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from renga.platform.postgres.errors import database_errors
from renga.platform.postgres.pooled import PooledConnection
from renga.platform.settings import SettingsInvalid, mask_url

CONNECT_TIMEOUT_S = 5.0
#: Idle connections above the minimum are closed after this long.
IDLE_S = 300.0


@contextmanager
def _url_errors(url: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise SettingsInvalid(f"{mask_url(url)} is not postgresql://user:password@host:port/database") from error


async def connect(url: str, *, command_timeout_s: float = 10.0) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection. Raises DatabaseUnavailable, SettingsInvalid."""
    with database_errors(), _url_errors(url):
        return await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S, command_timeout=command_timeout_s)


async def open_pool(
    url: str, *, min_size: int = 1, max_size: int = 10, command_timeout_s: float = 5.0
) -> "asyncpg.Pool[asyncpg.Record]":
    """A pool; a connection is reset between two users only if one called ``session_changed``.

    jsonb is transferred as text without a codec, prepared statements are cached.

    Raises DatabaseUnavailable, SettingsInvalid.
    """
    with database_errors(), _url_errors(url):
        return await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=command_timeout_s,
            max_inactive_connection_lifetime=IDLE_S,
            server_settings={"application_name": "renga"},
            connection_class=PooledConnection,
        )


async def create_database(server_url: str, name: str) -> None:
    """Create a database on the server of ``server_url`` unless it exists. Raises DatabaseUnavailable."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not a plain database name")
    connection = await connect(server_url)
    try:
        with database_errors():
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await connection.execute(f'CREATE DATABASE "{name}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        return  # another process was faster: the database exists
    finally:
        await connection.close()
