"""What a batch of the cart's news costs: commands and statements are counted. One bad record does not take the others with it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from renga.domains.cart.contract.events import CartMerged
from renga.domains.cart.opening import CartModule
from renga.domains.cart.ports import Snapshot
from renga.domains.cart.reactions import snapshot_consumer
from renga.domains.cart.stores import redis_codec
from renga.domains.cart.stores.postgres import PostgresSnapshots
from renga.domains.cart.stores.redis_outbox import ASIDE, RedisOutbox, RedisOutboxes, outbox_key, outbox_name
from renga.kernel.events import Event
from renga.platform.bus.delivery import deliver
from renga.platform.redis.client import HotRedis
from renga.platform.redis.driver import make_client
from tests.faults.shop import SHARDS, add, create, open_cart, waiting

CARTS = 12


@pytest.fixture
async def rooms(valkey_url: str, database_url: str) -> AsyncIterator[CartModule]:
    async with open_cart(valkey_url, database_url) as opened:
        yield opened


@pytest.fixture
async def server(valkey_url: str) -> AsyncIterator[Any]:
    client = make_client(valkey_url)
    yield client
    await client.aclose()


async def counted(server: Any, *names: str) -> list[int]:
    """Calls of these commands since ``config_resetstat``."""
    stats = await server.info("commandstats")
    return [stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in names]


async def filled(rooms: CartModule, adds: int) -> list[str]:
    carts = [await create(rooms) for _ in range(CARTS)]
    for _ in range(adds):
        for cart_id in carts:
            await add(rooms, cart_id, "A")
    return carts


def group_of(rooms: CartModule) -> RedisOutboxes:
    (group,) = {id(box.group): box.group for box in rooms.outboxes().values() if isinstance(box, RedisOutbox)}.values()
    assert isinstance(group, RedisOutboxes)
    return group


async def test_all_shards_are_read_in_one_command_and_trimmed_with_one_command_each(
    rooms: CartModule, server: Any
) -> None:
    carts = await filled(rooms, 3)
    group, names = group_of(rooms), [outbox_name(n) for n in range(SHARDS)]
    alone = {name: await box.read(1000) for name, box in rooms.outboxes().items()}
    await server.config_resetstat()
    found = await group.read(names, 1000)
    assert await counted(server, "xread", "xrange") == [1, 0]
    assert found == {name: batch for name, batch in alone.items() if batch}
    assert sum(len(batch) for batch in found.values()) == CARTS * 4
    for cart_id in carts:
        sequences = [p.event.sequence for batch in found.values() for p in batch if p.event.subject == cart_id]
        assert sequences == [1, 2, 3, 4]
    await group.trim({name: [pending.position for pending in batch] for name, batch in found.items()})
    assert await counted(server, "xdel") == [len(found)]
    assert await waiting(rooms) == []


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "junk",
    [
        {"t": "ItemAddedToCart", "m": "1", "d": "{not json", "r": "0"},
        {"t": "ItemAddedToCart", "m": "1", "d": '{"cart_id":"x"}', "r": "0"},
        {"t": "ItemAddedToCart", "m": "soon", "d": '{"cart_id":"x","version":1}', "r": "0"},
        {"d": "{}"},
        {"t": b"\xff", "m": "1", "d": '{"cart_id":"x","version":1}'},
    ],
)
async def test_a_record_that_is_no_event_is_kept_aside_and_the_others_go_on(
    valkey_url: str, server: Any, junk: dict[str, Any], together: bool
) -> None:
    good = {"t": "CartCreated", "m": "1", "d": '{"cart_id":"c","version":1,"currency":"BRL"}', "r": "0"}
    key, redis = outbox_key(0), HotRedis(valkey_url)
    for fields in (good, junk, good | {"d": good["d"].replace("1", "2")}):
        await server.xadd(key, fields)
    if together:
        found = (await RedisOutboxes(redis, [0, 1]).read(["cart:0", "cart:1"], 10))["cart:0"]
    else:
        found = await RedisOutbox(redis, 0).read(10)
    await redis.close()
    assert [pending.event.sequence for pending in found] == [1, 2]
    assert await server.xlen(key) == 2
    ((_, kept),) = await server.xrange(key + ASIDE)
    assert kept == {
        name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in junk.items()
    }


async def test_a_batch_of_snapshots_reads_each_cart_once_and_is_one_statement(
    rooms: CartModule, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    carts = await filled(rooms, 5)
    events = await waiting(rooms)
    assert len(events) == CARTS * 6
    saved: list[int] = []
    save = PostgresSnapshots.save

    async def counting(self: PostgresSnapshots, snapshots: Sequence[Snapshot]) -> None:
        saved.append(len(snapshots))
        await save(self, snapshots)

    monkeypatch.setattr(PostgresSnapshots, "save", counting)
    await server.config_resetstat()
    await snapshot_consumer(rooms.dependencies).handler(events)
    assert await counted(server, "hgetall") == [CARTS]
    assert saved == [CARTS]
    for cart_id in carts:
        snapshot = await rooms.dependencies.snapshots.find(cart_id)
        assert snapshot is not None
        assert snapshot.version == 6
        assert snapshot.fields == (await rooms.dependencies.recovery.dump([cart_id]))[cart_id]


async def test_a_cart_whose_snapshot_fails_does_not_take_those_of_its_batch_with_it(
    rooms: CartModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    carts = await filled(rooms, 2)
    bad, events, save = carts[5], await waiting(rooms), PostgresSnapshots.save

    async def failing(self: PostgresSnapshots, snapshots: Sequence[Snapshot]) -> None:
        if any(one.cart_id == bad for one in snapshots):
            raise ValueError("no JSON of PostgreSQL")
        await save(self, snapshots)

    async def at_once(_: int) -> bool:
        return True

    monkeypatch.setattr(PostgresSnapshots, "save", failing)
    verdicts = [verdict async for verdict in deliver(snapshot_consumer(rooms.dependencies), events, at_once)]
    failed = {events[verdict.start].subject for verdict in verdicts if verdict.failure}
    assert failed == {bad}
    assert verdicts[-1].stop == len(events)
    for cart_id in carts:
        snapshot = await rooms.dependencies.snapshots.find(cart_id)
        assert (snapshot is None) == (cart_id == bad)
        assert snapshot is None or snapshot.version == 3


async def test_the_snapshot_of_a_merged_cart_counts_as_one_of_the_batch(rooms: CartModule) -> None:
    source, target = await create(rooms), await create(rooms)
    await add(rooms, source, "A")
    data = {"cart_id": target, "version": 2, "source_id": source}
    event = Event(
        id=f"{target}:2:CartMerged", source="renga/cart", type=CartMerged.TYPE, subject=target,
        time="2026-11-22T16:00:00.000Z", sequence=2, data=data,
    )  # fmt: skip
    await snapshot_consumer(rooms.dependencies).handler([event])
    kept = [await rooms.dependencies.snapshots.find(cart_id) for cart_id in (source, target)]
    assert [one.version for one in kept if one is not None] == [2, 1]


@pytest.mark.parametrize("value", ["", "plain", "é ☕ 漢", "with \0 inside", "\0", '{"s":"A"}'])
def test_fields_of_a_cart_are_read_as_they_are(value: str) -> None:
    fields = {"state": "open", "l:1": value, "note": "", value or "x": "last"}
    flat = [text.encode() for pair in fields.items() for text in pair]
    assert redis_codec.decode_fields(flat) == fields
