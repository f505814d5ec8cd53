"""The inbox on the real PostgreSQL: an event has its effect once, or it has left no trace."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.events import Event
from renga.platform.inbox.postgres import RETENTION_MS, PostgresInbox, inbox_tables
from tests.platform.outbox_tools import story

FIRST, SECOND = (event.id for event in story("a", 1, 2))


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=4) as pool:
        await pool.execute("CREATE SCHEMA shop; CREATE TABLE shop.effects (event_id text)")
        for statement in inbox_tables("shop"):
            await pool.execute(statement)
        yield pool


async def effect(connection: Any, event: Event) -> None:
    await connection.execute("INSERT INTO shop.effects VALUES ($1)", event.id)


async def _effects(pool: "asyncpg.Pool[asyncpg.Record]") -> list[str]:
    return [row[0] for row in await pool.fetch("SELECT event_id FROM shop.effects ORDER BY 1")]


async def test_a_doubled_event_has_one_effect_for_each_consumer(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    inbox, (event,) = PostgresInbox(pool, "shop", ManualClock()), story("a", 1)
    consumer = inbox.consumer("shop.one", ("shop.*",), effect)
    await consumer.handler([event, event])
    await consumer.handler([event])
    assert await _effects(pool) == [FIRST]
    assert await inbox.handle_once("shop.two", event, effect) is True
    assert await _effects(pool) == [FIRST, FIRST]


async def test_two_deliveries_at_the_same_time_have_one_effect(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    inbox, (event,) = PostgresInbox(pool, "shop", ManualClock()), story("a", 1)
    started, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(connection: Any, event: Event) -> None:
        started.set()
        await goes_on.wait()
        await effect(connection, event)

    first = asyncio.create_task(inbox.handle_once("shop.one", event, slow))
    await started.wait()
    second = asyncio.create_task(inbox.handle_once("shop.one", event, slow))
    goes_on.set()
    assert (await first, await second) == (True, False)
    assert await _effects(pool) == [FIRST]


async def test_an_effect_that_fails_leaves_no_record(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    inbox, (event,) = PostgresInbox(pool, "shop", ManualClock()), story("a", 1)

    async def fails(connection: Any, event: Event) -> None:
        await effect(connection, event)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await inbox.handle_once("shop.one", event, fails)
    assert await _effects(pool) == []
    assert await pool.fetchval("SELECT count(*) FROM shop.inbox") == 0
    assert await inbox.handle_once("shop.one", event, effect) is True


async def test_a_sweep_forgets_only_what_is_older_than_the_retention(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    clock = ManualClock()
    inbox = PostgresInbox(pool, "shop", clock)
    first, second = story("a", 1, 2)
    await inbox.handle_once("shop.one", first, effect)
    clock.advance(ms=RETENTION_MS)
    await inbox.handle_once("shop.one", second, effect)
    assert await inbox.sweep() == 0
    clock.advance(ms=1)
    assert await inbox.sweep() == 1
    assert [row[0] for row in await pool.fetch("SELECT event_id FROM shop.inbox")] == [SECOND]
