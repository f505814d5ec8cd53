"""Calls on a pool: rows, transactions, and what is raised when writers meet, time runs out or the database is away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from renga.kernel.errors import Conflict, Invalid
from renga.platform.postgres import calls
from renga.platform.postgres.errors import DatabaseOutcomeUnknown, DatabaseUnavailable
from renga.platform.postgres.pool import open_pool


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator[Any]:
    opened = await open_pool(empty_database_url, max_size=2)
    await opened.execute("CREATE TABLE stock (sku text PRIMARY KEY, count int CHECK (count >= 0))")
    await opened.execute("INSERT INTO stock VALUES ('cup', 1), ('mug', 1)")
    yield opened
    opened.terminate()


async def test_rows_are_fetched_and_a_statement_says_what_it_did(pool: Any) -> None:
    assert [row[0] for row in await calls.fetch(pool, "SELECT sku FROM stock ORDER BY sku")] == ["cup", "mug"]
    assert await calls.execute(pool, "UPDATE stock SET count = $1", 5) == "UPDATE 2"
    row = await calls.fetch_row(pool, "SELECT count FROM stock WHERE sku = $1", "mug")
    assert row is not None
    assert row["count"] == 5
    assert await calls.fetch_row(pool, "SELECT count FROM stock WHERE sku = $1", "jug") is None


async def test_a_transaction_is_committed_whole_or_not_at_all(pool: Any) -> None:
    async def write() -> None:
        async with calls.transaction(pool) as connection:
            await connection.execute("UPDATE stock SET count = 9 WHERE sku = 'cup'")
            await connection.execute("UPDATE stock SET count = -1 WHERE sku = 'mug'")

    with pytest.raises(asyncpg.CheckViolationError):
        await write()
    assert [row[0] for row in await calls.fetch(pool, "SELECT count FROM stock")] == [1, 1]


@pytest.mark.parametrize("error", [DatabaseUnavailable, Conflict])
async def test_of_two_writers_who_block_each_other_one_is_told_so_in_the_callers_words(
    pool: Any, error: type[Exception]
) -> None:
    both = asyncio.Barrier(2)

    async def write(first: str, second: str) -> None:
        async with calls.transaction(pool, lost_race=error) as connection:
            await connection.execute("UPDATE stock SET count = 7 WHERE sku = $1", first)
            await both.wait()
            await connection.execute("UPDATE stock SET count = 7 WHERE sku = $1", second)

    done = await asyncio.gather(write("cup", "mug"), write("mug", "cup"), return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [error]
    assert [row[0] for row in await calls.fetch(pool, "SELECT count FROM stock")] == [7, 7]


async def test_a_transaction_that_is_late_is_of_unknown_outcome_and_changed_nothing(pool: Any) -> None:
    async def write() -> None:
        async with calls.transaction(pool, timeout_s=0.05) as connection:
            await connection.execute("UPDATE stock SET count = 9")
            await asyncio.Event().wait()

    with pytest.raises(DatabaseOutcomeUnknown):
        await write()
    assert [row[0] for row in await calls.fetch(pool, "SELECT count FROM stock")] == [1, 1]


async def test_reads_that_are_late_or_find_no_free_connection_are_unavailable(pool: Any) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with calls.reading(pool, timeout_s=0.05) as connection:
            await connection.fetch("SELECT pg_sleep(60)")
    async with calls.reading(pool), calls.reading(pool):
        with pytest.raises(DatabaseUnavailable):
            async with calls.transaction(pool, acquire_timeout_s=0.05):
                raise AssertionError("there is no third connection")


async def test_a_text_that_is_not_kept_is_the_callers_mistake(pool: Any) -> None:
    with pytest.raises(Invalid, match=r"U\+0000"):
        await calls.execute(pool, "UPDATE stock SET sku = $1 WHERE sku = 'cup'", "a\0b")
    with pytest.raises(Invalid, match=r"U\+0000"):
        await calls.fetch(pool, "SELECT $1::text::jsonb", '{"sku": "\\u0000"}')
    with pytest.raises(Invalid):
        async with calls.transaction(pool) as connection:
            await connection.execute("DELETE FROM stock WHERE sku = $1", "\0")
