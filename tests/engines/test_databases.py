"""A migrated database that served a test is as a fresh one to the next, or is not used again."""

from typing import Any

import asyncpg
import pytest

from tests.engines.databases import Databases
from tests.engines.scheduling import scope_of

NEWS = "INSERT INTO search.outbox (event) VALUES ('{}') RETURNING position"


async def _in(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_the_next_test_finds_no_row_and_numbers_from_the_start(databases: Databases) -> None:
    first = await databases.take()
    assert [await _in(first, NEWS), await _in(first, NEWS)] == [1, 2]
    await databases.give_back(first)

    second = await databases.take()
    assert second == first
    assert await _in(second, "SELECT count(*) FROM search.outbox") == 0
    assert await _in(second, NEWS) == 1
    assert await _in(second, "SELECT count(*) FROM search.alembic_version") > 0
    await databases.give_back(second)


async def test_rows_that_a_trigger_keeps_go_too(databases: Databases) -> None:
    url = await databases.take()
    await _in(url, "INSERT INTO identity.audit (at_ms, action, address, details) VALUES (1, 'x', '', '{}')")
    with pytest.raises(asyncpg.PostgresError):
        await _in(url, "DELETE FROM identity.audit")
    await databases.give_back(url)
    assert await databases.take() == url
    assert await _in(url, "SELECT count(*) FROM identity.audit") == 0
    await databases.give_back(url)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (n int)",
        "ALTER TABLE search.outbox ADD COLUMN mine int",
        "ALTER TABLE search.outbox ALTER COLUMN event SET DEFAULT '{}'",
        "CREATE INDEX mine ON search.outbox (event)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "DROP TABLE search.outbox",
        "TRUNCATE search.outbox",
        "ANALYZE catalog.alembic_version",
        "UPDATE cart.alembic_version SET version_num = 'mine'",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $$",
        "INSERT INTO search.outbox (event) SELECT to_jsonb(repeat(md5(n::text), 30)) FROM generate_series(1, 5000) n",
    ],
)
async def test_a_database_of_another_shape_is_not_used_again(databases: Databases, statement: str) -> None:
    first = await databases.take()
    await _in(first, statement)
    await databases.give_back(first)

    second = await databases.take()
    assert second != first
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(first)
    await databases.give_back(second)


async def test_connections_that_a_test_left_open_are_ended(databases: Databases) -> None:
    url = await databases.take()
    left = await asyncpg.connect(url)
    await left.execute("BEGIN; SELECT pg_advisory_lock(7)")
    await left.execute("INSERT INTO search.outbox (event) VALUES ('{}')")
    await databases.give_back(url)
    assert await databases.take() == url
    assert await _in(url, "SELECT pg_try_advisory_lock(7)") is True
    assert await _in(url, "SELECT count(*) FROM search.outbox") == 0
    left.terminate()
    await databases.give_back(url)


def test_files_that_need_the_servers_of_java_run_in_one_process() -> None:
    of_java = {scope_of(f"tests/ports/test_search_index{more}.py") for more in ("", "_facets", "_lives", "_meaning")}
    assert of_java == {scope_of("tests/engines/test_engines.py")}
    assert scope_of("tests/ports/test_bus.py") == "tests/ports/test_bus.py"
