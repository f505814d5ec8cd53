"""The pool: an absent database is Unavailable, a change that may have happened is unknown, other errors pass."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from renga.platform.postgres.errors import DatabaseOutcomeUnknown, DatabaseUnavailable, database_errors
from renga.platform.postgres.pool import create_database, open_pool


async def test_a_pool_answers_and_leaves_jsonb_as_text(empty_database_url: str) -> None:
    pool = await open_pool(empty_database_url, max_size=2)
    try:
        assert await pool.fetchval("SELECT jsonb_build_object('a', 1)") == '{"a": 1}'
        assert await pool.fetchval("SHOW application_name") == "renga"
    finally:
        await pool.close()


async def test_an_absent_server_is_unavailable(tmp_path: Any) -> None:
    with pytest.raises(DatabaseUnavailable, match="the database refused"):
        await open_pool(f"postgresql://postgres@/renga?host={tmp_path}")


async def test_a_database_is_created_once_even_by_two_at_the_same_time(start_engine: Callable[..., Any]) -> None:
    server = start_engine("postgres").url
    await asyncio.gather(*(create_database(server, "renga") for _ in range(4)))
    await create_database(server, "renga")
    connection = await asyncpg.connect(server)
    assert await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'renga'") == 1
    await connection.close()


async def test_a_database_name_that_is_not_plain_is_refused(empty_database_url: str) -> None:
    with pytest.raises(ValueError, match="not a plain database name"):
        await create_database(empty_database_url, 'x"; DROP TABLE y; --')


async def test_a_server_killed_midway_leaves_the_outcome_of_a_write_unknown(start_engine: Callable[..., Any]) -> None:
    server = start_engine("postgres")
    pool = await open_pool(server.url)
    try:
        busy = asyncio.create_task(pool.execute("SELECT pg_sleep(60)"))
        await pool.fetchval("SELECT 1")
        server.kill()
        with pytest.raises(DatabaseOutcomeUnknown), database_errors(writes=True):
            await busy
        with pytest.raises(DatabaseUnavailable), database_errors():
            await pool.fetchval("SELECT 1")
    finally:
        pool.terminate()


async def test_an_error_of_the_statement_itself_passes_unchanged(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        with pytest.raises(asyncpg.UniqueViolationError), database_errors(writes=True):
            await connection.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (1)")
    finally:
        await connection.close()
