"""A pooled connection is returned without a statement, and nothing of one user's session reaches the next."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import renga
from renga.domains.search.stores.postgres import generations
from renga.platform.outbox.postgres_news import PostgresOutboxNews
from renga.platform.postgres.pool import open_pool
from renga.platform.postgres.pooled import session_changed

#: What changes a session beyond its transaction.
_CHANGES = re.compile(
    r"""["']\s*(?:SET \w+ = |LISTEN )|pg_(?:try_)?advisory_lock(?:_shared)?\(|WITH HOLD|CREATE TEMP"""
)
#: On connections of their own, which they close.
_OWN_CONNECTION = {"platform/postgres/migrations.py"}


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator[Any]:
    pool = await open_pool(empty_database_url, min_size=1, max_size=1)
    yield pool
    await pool.close()


async def _last_statement(url: str) -> str:
    """The last statement of the pool's only connection, as the server saw it."""
    connection = await asyncpg.connect(url)
    try:
        text = "SELECT query FROM pg_stat_activity WHERE application_name = 'renga' AND datname = current_database()"
        return str(await connection.fetchval(text))
    finally:
        await connection.close()


async def test_plain_use_ends_with_its_own_statement(pool: Any, empty_database_url: str) -> None:
    assert await pool.fetchval("SELECT 40 + 2") == 42
    assert await _last_statement(empty_database_url) == "SELECT 40 + 2"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(7)")
    assert await _last_statement(empty_database_url) == "COMMIT;"


async def test_a_transaction_left_open_is_rolled_back(pool: Any) -> None:
    await pool.execute("CREATE TABLE t (id int)")
    connection = await pool.acquire()
    await connection.execute("BEGIN")
    await connection.execute("INSERT INTO t VALUES (1)")
    await pool.release(connection)
    assert await pool.fetchval("SELECT count(*) FROM t") == 0


async def _fail_alone(pool: Any) -> None:
    async with pool.acquire() as connection, generations.alone(connection):
        await connection.execute("BEGIN")
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.execute("SELECT * FROM nothing_here")


async def _listens(connection: Any) -> None:
    session_changed(connection)
    await connection.execute("LISTEN news")


async def _sets(connection: Any) -> None:
    session_changed(connection)
    await connection.execute("SET maintenance_work_mem = '11MB'")


async def _locks(connection: Any) -> None:
    session_changed(connection)
    await connection.fetchval("SELECT pg_try_advisory_lock(7)")


@pytest.mark.parametrize("change", [_listens, _sets, _locks])
async def test_what_one_user_left_in_the_session_does_not_reach_the_next(
    pool: Any, empty_database_url: str, change: Callable[[Any], Awaitable[None]]
) -> None:
    plain = await _state(pool)
    async with pool.acquire() as connection:
        pid = connection.get_server_pid()
        await change(connection)
    assert await _state(pool) == plain
    async with pool.acquire() as connection:
        assert connection.get_server_pid() == pid  # the same session, cleaned
    await pool.fetchval("SELECT 1")
    assert await _last_statement(empty_database_url) == "SELECT 1"  # cleaned once


async def test_the_index_builders_lock_ends_with_its_user_even_if_it_cannot_unlock(pool: Any) -> None:
    plain = await _state(pool)
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await _fail_alone(pool)
    assert await _state(pool) == plain


async def test_who_listened_for_outboxes_leaves_nothing(pool: Any, empty_database_url: str) -> None:
    other = await open_pool(empty_database_url, min_size=1, max_size=2)
    news = PostgresOutboxNews(other, {"shop": "shop"})
    assert await news.wait(["shop"])
    await news.close()
    for _ in range(2):
        assert await _state(other) == await _state(pool)
    await other.close()


def test_every_statement_that_changes_a_session_says_so() -> None:
    root = Path(renga.__file__).parent
    silent = []
    for path in sorted(root.rglob("*.py")):
        text = path.read_text("utf-8")
        name = path.relative_to(root).as_posix()
        if _CHANGES.search(text) and "session_changed(" not in text and name not in _OWN_CONNECTION:
            silent.append(name)
    assert silent == []


async def _state(pool: Any) -> tuple[Any, ...]:
    """Channels, settings and locks of the session that the pool gives out."""
    async with pool.acquire() as connection:
        return (
            await connection.fetchval("SELECT array_agg(c) FROM pg_listening_channels() AS c"),
            await connection.fetchval("SHOW maintenance_work_mem"),
            await connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            ),
        )
