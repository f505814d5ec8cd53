"""The outbox of a SQL domain on the real PostgreSQL: it shares the fate of the transaction that fills it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from renga.platform.outbox.postgres import OutboxUnavailable, PostgresOutbox, append
from renga.platform.outbox.relay import Relay
from tests.platform.outbox_tools import Holding, ScriptedBus, ids, story

TABLE = """
CREATE SCHEMA shop;
CREATE TABLE shop.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL);
"""


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=2) as pool:
        await pool.execute(TABLE)
        yield pool


async def test_events_are_read_oldest_first_and_trimmed_by_position(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    outbox = PostgresOutbox(pool, "shop")
    sent = [*story("a", 1, 2), *story("b", 1)]
    async with pool.acquire() as connection, connection.transaction():
        await append(connection, "shop", sent)  # type: ignore[arg-type]  # asyncpg's stubs wrap pooled connections
    assert outbox.name == "shop"
    assert [pending.event for pending in await outbox.read(10)] == sent
    first, second = await outbox.read(2)
    await outbox.trim([second.position])
    assert [pending.event for pending in await outbox.read(10)] == [sent[0], sent[2]]
    await outbox.trim([first.position, second.position])
    assert [pending.event for pending in await outbox.read(10)] == [sent[2]]


async def test_a_transaction_that_is_rolled_back_publishes_nothing(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    outbox, bus = PostgresOutbox(pool, "shop"), ScriptedBus()
    relay = Relay({"shop": outbox}, bus, Holding("shop"))  # type: ignore[arg-type]  # the relay only publishes
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await append(connection, "shop", story("a", 1))  # type: ignore[arg-type]  # as above
        assert await relay.step() == 0
        await transaction.rollback()
        assert await relay.step() == 0
        async with connection.transaction():
            await append(connection, "shop", story("a", 2))  # type: ignore[arg-type]  # as above
    assert await relay.step() == 1
    assert ids(bus.accepted) == ["a2"]
    assert list(await outbox.read(1)) == []


async def test_a_database_that_is_away_is_an_error_of_ours(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    with pytest.raises(OutboxUnavailable):
        await PostgresOutbox(pool, "elsewhere").read(1)
    await pool.close()
    with pytest.raises(OutboxUnavailable):
        await PostgresOutbox(pool, "shop").trim(["1"])


async def test_a_schema_name_that_is_no_identifier_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a schema name"):
        PostgresOutbox(None, 'shop"; DROP TABLE x; --')  # type: ignore[arg-type]  # refused before the pool is used
