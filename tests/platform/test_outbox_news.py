"""News of outboxes: an idle relay reads nothing, and a new event is on the bus at once."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Collection
from typing import Any

import asyncpg
import pytest

from renga.kernel.errors import Unavailable
from renga.platform.outbox import postgres_news, redis_news
from renga.platform.outbox.news import opened_news
from renga.platform.outbox.postgres import PostgresOutbox, append
from renga.platform.outbox.postgres_news import PostgresOutboxNews
from renga.platform.outbox.redis_news import RedisOutboxNews
from renga.platform.outbox.relay import Relay
from renga.platform.redis.driver import make_client
from tests.platform.outbox_tools import Holding, MemoryOutbox, ScriptedBus, ids, story
from tests.platform.test_outbox_postgres import TABLE
from tests.support import eventually

#: A relay that polls reads at least twice in this time.
QUIET_S = 0.6
#: An event after a quiet time is on the bus within this time.
SOON_S = 0.25


class MemoryNews:
    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)
        self.told = asyncio.Event()
        self.away = False

    async def wait(self, names: Collection[str]) -> bool:
        if self.away:
            raise Unavailable("nobody tells")
        await self.told.wait()
        self.told.clear()
        return True


class EndingNews:
    """News until ``over``, then none for ever."""

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)
        self.over = asyncio.Event()

    async def wait(self, names: Collection[str]) -> bool:
        await self.over.wait()
        raise Unavailable("nobody tells any more")


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=4) as pool:
        await pool.execute(TABLE)
        yield pool


async def _relaying(relay: Relay) -> "asyncio.Task[None]":
    running = asyncio.create_task(relay.run())
    await asyncio.sleep(0.3)  # it has read everything and rests
    return running


async def _stop(running: "asyncio.Task[None]") -> None:
    running.cancel()
    await asyncio.wait((running,))


async def test_a_watched_relay_reads_nothing_while_idle_and_publishes_at_once() -> None:
    box, bus, news = MemoryOutbox("cart:1"), ScriptedBus(), MemoryNews("cart:1")
    running = await _relaying(Relay({"cart:1": box}, bus, Holding("cart:1"), news=[news]))  # type: ignore[arg-type]  # only publishes
    before = box.reads
    await asyncio.sleep(QUIET_S)
    assert box.reads == before
    box.add(story("a", 1))
    news.told.set()
    await eventually(lambda: _are(bus, ["a1"]), timeout_s=SOON_S)
    await _stop(running)


@pytest.mark.parametrize("away", [False, True])
async def test_an_outbox_without_news_is_polled(away: bool) -> None:
    watched, other, bus, news = MemoryOutbox("cart:1"), MemoryOutbox("catalog"), ScriptedBus(), MemoryNews("cart:1")
    news.away = away
    boxes = {"cart:1": watched} if away else {"cart:1": watched, "catalog": other}
    running = await _relaying(Relay(boxes, bus, Holding(*boxes), news=[news]))  # type: ignore[arg-type]  # as above
    (watched if away else other).add(story("p", 1))
    await eventually(lambda: _are(bus, ["p1"]), timeout_s=1.0)
    await _stop(running)


async def test_a_lease_gained_while_idle_is_read_without_news() -> None:
    mine, gained, bus, news = (
        MemoryOutbox("cart:1"),
        MemoryOutbox("cart:2", story("b", 1)),
        ScriptedBus(),
        MemoryNews("cart:1", "cart:2"),
    )
    holding = Holding("cart:1")
    running = await _relaying(Relay({"cart:1": mine, "cart:2": gained}, bus, holding, news=[news]))  # type: ignore[arg-type]  # as above
    holding.names.add("cart:2")
    await eventually(lambda: _are(bus, ["b1"]), timeout_s=2.0)
    await _stop(running)


async def test_a_lease_that_the_relay_is_told_of_is_read_at_once() -> None:
    gained = MemoryOutbox("cart:2", story("b", 1))
    boxes, bus, news = (
        {"cart:1": MemoryOutbox("cart:1"), "cart:2": gained},
        ScriptedBus(),
        MemoryNews("cart:1", "cart:2"),
    )
    holding = Holding("cart:1")
    relay = Relay(boxes, bus, holding, news=[news])  # type: ignore[arg-type]  # as above
    running = await _relaying(relay)
    holding.names.add("cart:2")
    relay.wake()
    await eventually(lambda: _are(bus, ["b1"]), timeout_s=SOON_S)
    await _stop(running)


async def test_news_that_come_while_the_relay_is_busy_with_another_outbox_are_not_lost() -> None:
    """They are told once, and the batch in progress began before them: it has not read what they are of."""
    busy, table, bus = MemoryOutbox("cart:1"), MemoryOutbox("catalog"), ScriptedBus()
    news = [MemoryNews("cart:1"), MemoryNews("catalog")]
    publish, resume, publishing = bus.publish, asyncio.Event(), asyncio.Event()

    async def slow(events: Any) -> None:
        publishing.set()
        await resume.wait()
        await publish(events)

    bus.publish = slow  # type: ignore[method-assign]  # as publish, later
    boxes = {"cart:1": busy, "catalog": table}
    running = await _relaying(Relay(boxes, bus, Holding(*boxes), news=news))  # type: ignore[arg-type]  # as above
    busy.add(story("a", 1))
    news[0].told.set()
    await publishing.wait()
    table.add(story("p", 1))
    news[1].told.set()
    await asyncio.sleep(0.05)
    resume.set()
    await eventually(lambda: _are(bus, ["a1", "p1"]), timeout_s=SOON_S)
    await _stop(running)


async def test_a_relay_whose_news_end_polls_at_once() -> None:
    box, bus, news = MemoryOutbox("cart:1"), ScriptedBus(), EndingNews("cart:1")
    running = await _relaying(Relay({"cart:1": box}, bus, Holding("cart:1"), news=[news]))  # type: ignore[arg-type]  # as above
    news.over.set()
    await asyncio.sleep(0)
    box.add(story("a", 1))
    await eventually(lambda: _are(bus, ["a1"]), timeout_s=SOON_S)
    await _stop(running)


async def test_streams_on_one_server_are_waited_for_together(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_news, "BLOCK_MS", 200)
    waiting, writer = make_client(valkey_url), make_client(valkey_url)
    news = RedisOutboxNews(waiting, {f"cart:{n}": f"outbox:{{{n}}}" for n in range(64)})
    assert await news.wait(["cart:0", "cart:63"]) is False
    asked = asyncio.create_task(news.wait(news.names))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await writer.xadd("outbox:{17}", {"t": "x"})
    assert await asked is True
    assert time.monotonic() - began < 0.1
    assert await news.wait(["cart:17"]) is True  # still there
    assert await news.wait(["cart:18"]) is False  # another's
    await writer.xtrim("outbox:{17}", maxlen=0)
    assert await news.wait(["cart:17"]) is False
    for client in (waiting, writer):
        await client.aclose()


async def test_a_store_that_is_away_has_no_news() -> None:
    client = make_client("redis://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await RedisOutboxNews(client, {"cart:1": "outbox:{1}"}).wait(["cart:1"])
    await client.aclose()


async def test_a_committed_append_wakes_and_another_schema_or_a_rollback_does_not(pool: Any) -> None:
    await pool.execute(TABLE.replace("shop", "depot"))
    news = PostgresOutboxNews(pool, {"shop": "shop"})
    assert await news.wait(["shop"]) is True  # what came before it listened
    asked = asyncio.create_task(news.wait(["shop"]))
    async with pool.acquire() as connection:
        async with connection.transaction():
            await append(connection, "depot", story("a", 1))
        transaction = connection.transaction()
        await transaction.start()
        await append(connection, "shop", story("a", 1))
        await transaction.rollback()
        await asyncio.sleep(0.1)
        assert not asked.done()
        async with connection.transaction():
            await append(connection, "shop", story("a", 2))
    assert await asyncio.wait_for(asked, SOON_S) is True
    await news.close()


async def test_a_listener_that_lost_its_connection_says_so_and_listens_again(pool: Any) -> None:
    news = PostgresOutboxNews(pool, {"shop": "shop"})
    await news.wait(["shop"])
    asked = asyncio.create_task(news.wait(["shop"]))
    await asyncio.sleep(0.05)
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
    )
    with pytest.raises(Unavailable):
        await asyncio.wait_for(asked, 2)
    assert await news.wait(["shop"]) is True
    await news.close()


async def test_a_pool_that_took_the_lost_connection_back_leaves_no_error_that_nobody_hears(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    news = PostgresOutboxNews(pool, {"shop": "shop"})
    await news.wait(["shop"])
    listening = news._listening
    assert listening is not None

    def released(*_: Any) -> None:
        raise asyncpg.InterfaceError("cannot call a connection that has been released back to the pool")

    for call in ("is_closed", "remove_listener", "remove_termination_listener"):
        monkeypatch.setattr(asyncpg.pool.PoolConnectionProxy, call, released)
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
    )
    await asyncio.wait((listening,), timeout=SOON_S)
    assert listening.done()
    assert listening.exception() is None
    del listening, news
    gc.collect()
    await asyncio.sleep(0)
    assert said == []


async def test_where_notifications_do_not_arrive_the_table_is_polled(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_news, "TRIAL_S", 0.1)
    monkeypatch.setattr(PostgresOutboxNews, "_hear", lambda *_: None)  # what a pooler does
    with pytest.raises(Unavailable, match="pooler"):
        await PostgresOutboxNews(pool, {"shop": "shop"}).wait(["shop"])
    boxes, bus = {"shop": PostgresOutbox(pool, "shop")}, ScriptedBus()
    async with opened_news(boxes, pool) as news:
        running = await _relaying(Relay(boxes, bus, Holding("shop"), news=news))  # type: ignore[arg-type]  # as above
        async with pool.acquire() as connection, connection.transaction():
            await append(connection, "shop", story("a", 1))
        await eventually(lambda: _are(bus, ["a1"]), timeout_s=1.0)
        await _stop(running)


async def test_an_event_of_a_table_is_on_the_bus_at_once_after_a_quiet_time(pool: Any) -> None:
    boxes, bus = {"shop": PostgresOutbox(pool, "shop")}, ScriptedBus()
    async with opened_news(boxes, pool) as news:
        running = await _relaying(Relay(boxes, bus, Holding("shop"), news=news))  # type: ignore[arg-type]  # as above
        await asyncio.sleep(QUIET_S)
        async with pool.acquire() as connection, connection.transaction():
            await append(connection, "shop", story("a", 1))
        await eventually(lambda: _are(bus, ["a1"]), timeout_s=SOON_S)
        await _stop(running)


async def _are(bus: ScriptedBus, wanted: list[str]) -> bool:
    return ids(bus.accepted) == wanted
