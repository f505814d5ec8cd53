"""What only Redis Streams need: retention, caps, a server that forgot everything, entries that kill their reader."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.platform.bus import metrics
from renga.platform.bus.port import Consumer
from renga.platform.bus.streams import RedisStreamsBus
from renga.platform.bus.streams_consumer import DELIVERIES_MAX
from renga.platform.bus.streams_registry import Registry
from renga.platform.bus.streams_retention import Retention
from renga.platform.bus.streams_wire import ACTIVE, stream_key
from renga.platform.redis.driver import make_client
from tests.ports.bus_tools import Collector, consuming, event
from tests.support import eventually

#: Trimming is approximate: it drops whole nodes, of at most so many entries (stream-node-max-entries).
NODE_ENTRIES_MAX = 100
CART = stream_key("cart")


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Any]:
    client = make_client(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def bus(redis_url: str, client: Any) -> AsyncIterator[RedisStreamsBus]:
    bus = RedisStreamsBus(redis_url)  # not started: the tests sweep by hand
    yield bus
    await bus.close()


async def test_what_every_group_has_acknowledged_is_trimmed_and_what_one_lacks_is_kept(
    bus: RedisStreamsBus, client: Any
) -> None:
    inbox, late = Collector(), Collector()
    fast = Consumer(name="test.fast", patterns=("cart.*",), handler=inbox)
    slow = Consumer(name="test.slow", patterns=("#",), handler=late)
    await bus.declare(fast)
    await bus.declare(slow)
    await bus.publish([event(n) for n in range(1_000)])
    retention = Retention(client, Registry(client))
    async with consuming(bus, fast):
        await eventually(lambda: _drained(client, "test.fast"))
    await retention.sweep()
    assert await client.xlen(CART) == 1_000
    async with consuming(bus, slow):
        await eventually(lambda: _drained(client, "test.slow"))
    await retention.sweep()
    assert await client.xlen(CART) <= NODE_ENTRIES_MAX
    assert len(inbox.events) == len(late.events) == 1_000


async def test_a_stream_over_its_cap_loses_the_oldest_and_counts_them(bus: RedisStreamsBus, client: Any) -> None:
    await bus.declare(Consumer(name="test.stuck", patterns=("cart.*",), handler=Collector()))
    await bus.publish([event(n) for n in range(1_000)])
    counter = metrics.evicted.labels("cart")
    before = counter._value.get()
    await Retention(client, Registry(client), length_max=500).sweep()
    left = await client.xlen(CART)
    assert 500 <= left <= 500 + NODE_ENTRIES_MAX
    assert counter._value.get() - before == 1_000 - left


async def test_a_consumer_survives_a_server_that_forgot_everything(bus: RedisStreamsBus, client: Any) -> None:
    inbox = Collector()
    consumer = Consumer(name="test.amnesia", patterns=("cart.*",), handler=inbox)
    async with consuming(bus, consumer):
        await eventually(lambda: _grouped(client, "test.amnesia"))
        await bus.publish([event(1)])
        await eventually(lambda: _got(inbox, [1]))
        await _forget(client)
        await bus.publish([event(2)])
        await eventually(lambda: _got(inbox, [1, 2]))
        assert await _got(inbox, [1, 2])


async def test_an_entry_that_was_delivered_too_often_is_buried_before_it_kills_again(
    bus: RedisStreamsBus, client: Any
) -> None:
    inbox = Collector()
    consumer = Consumer(name="test.killer", patterns=("cart.*",), handler=inbox)
    await bus.declare(consumer)
    await bus.publish([event(1), event(2)])
    await client.xreadgroup("test.killer", ACTIVE, {CART: ">"}, count=1)
    for _ in range(DELIVERIES_MAX - 1):
        await client.xreadgroup("test.killer", ACTIVE, {CART: "0"}, count=1)
    async with consuming(bus, consumer):
        await eventually(lambda: _got(inbox, [2]))
    (letter,) = await bus.dead_letters("test.killer")
    assert letter.attempts == DELIVERIES_MAX
    assert letter.reason == f"delivered {DELIVERIES_MAX} times without an end"
    assert b'"id":"cart.ItemAddedToCart:c1:1"' in letter.body


async def test_a_consumer_that_changes_its_patterns_leaves_the_domains_it_no_longer_reads(
    bus: RedisStreamsBus, client: Any
) -> None:
    await bus.declare(Consumer(name="test.moves", patterns=("cart.*", "catalog.*"), handler=Collector()))
    await bus.declare(Consumer(name="test.moves", patterns=("catalog.*",), handler=Collector()))
    assert await client.xinfo_groups(CART) == []
    assert [group["name"] for group in await client.xinfo_groups(stream_key("catalog"))] == [b"test.moves"]


async def test_a_sweep_tells_whether_the_streams_have_changed(bus: RedisStreamsBus, client: Any) -> None:
    await bus.declare(Consumer(name="test.calm", patterns=("cart.*",), handler=Collector()))
    retention = Retention(client, Registry(client))
    await retention.sweep()
    assert not await retention.sweep()
    await bus.publish([event(1)])
    assert await retention.sweep()
    assert not await retention.sweep()


async def test_a_consumer_that_names_its_domains_waits_without_asking_for_others(valkey_url: str) -> None:
    client, bus = make_client(valkey_url), RedisStreamsBus(valkey_url)
    inbox = Collector()
    async with consuming(bus, Consumer(name="test.calm", patterns=("cart.*", "catalog.*"), handler=inbox)):
        await eventually(lambda: _grouped(client, "test.calm"))
        await asyncio.sleep(0.3)
        before = await client.info("commandstats")
        await asyncio.sleep(1.5)
        after = await client.info("commandstats")
        for name in ("cmdstat_smembers", "cmdstat_xreadgroup"):
            assert after[name]["calls"] == before[name]["calls"]
        await bus.publish([event(1)])
        await eventually(lambda: _got(inbox, [1]), timeout_s=0.5)
    await bus.close()
    await client.aclose()


async def test_a_batch_is_one_publish_one_read_and_one_acknowledgement(valkey_url: str) -> None:
    bus, client, inbox = RedisStreamsBus(valkey_url), make_client(valkey_url), Collector()
    consumer = Consumer(name="test.batches", patterns=("cart.*",), handler=inbox, batch_max=250, batch_wait_ms=0)
    await bus.declare(consumer)
    await client.config_resetstat()
    await bus.publish([event(n, subject=f"c{n % 7}") for n in range(250)])
    assert await _calls(client, "eval") == 1
    async with consuming(bus, consumer):
        await eventually(lambda: _drained(client, "test.batches"))
    assert [len(batch) for batch in inbox.batches] == [250]
    assert await _calls(client, "xack") == 1
    assert await _calls(client, "xreadgroup") <= 3  # the pending, the new, and one that waits for more
    await bus.close()
    await client.aclose()


async def test_a_poison_entry_in_a_batch_costs_the_others_neither_delivery_nor_order(valkey_url: str) -> None:
    bus, client, inbox = RedisStreamsBus(valkey_url), make_client(valkey_url), Collector()

    async def handle(events: Any) -> None:
        if any(one.sequence == 40 for one in events):
            raise ValueError("this one")
        await inbox(events)

    consumer = Consumer(
        name="test.poison", patterns=("cart.*",), handler=handle, batch_max=100, attempts_max=2, retry_wait_ms=1
    )
    await bus.declare(consumer)
    await bus.publish([event(n) for n in range(50)])
    await client.xadd(CART, {"event": b"no event"})
    await bus.publish([event(n) for n in range(50, 80)])
    async with consuming(bus, consumer):
        await eventually(lambda: _drained(client, "test.poison"))
    assert [one.sequence for one in inbox.events] == [n for n in range(80) if n != 40]
    letters = await bus.dead_letters("test.poison")
    assert [(letter.body == b"no event", letter.attempts) for letter in letters] == [(True, 0), (False, 2)]
    await bus.close()
    await client.aclose()


async def _calls(client: Any, name: str) -> int:
    """Calls of this command since ``config_resetstat``."""
    calls = (await client.info("commandstats")).get(f"cmdstat_{name}", {"calls": 0})["calls"]
    return int(calls)


async def _forget(client: Any) -> None:
    nodes = {"target_nodes": client.PRIMARIES} if hasattr(client, "PRIMARIES") else {}
    await client.execute_command("FLUSHALL", **nodes)


async def _grouped(client: Any, group: str) -> bool:
    await asyncio.sleep(0)
    return bool(await client.exists(CART)) and group.encode() in {g["name"] for g in await client.xinfo_groups(CART)}


async def _drained(client: Any, name: str) -> bool:
    (group,) = [group for group in await client.xinfo_groups(CART) if group["name"] == name.encode()]
    return bool(group["pending"] == 0 and group["lag"] == 0)


async def _got(inbox: Collector, numbers: list[int]) -> bool:
    return [one.sequence for one in inbox.events] == numbers
