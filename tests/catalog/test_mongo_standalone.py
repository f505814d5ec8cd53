"""The catalogue on a MongoDB without transactions: what a crash leaves behind, and the day when it becomes a replica set."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.domains.catalog.contract import CategoryCycle
from renga.domains.catalog.stores.mongo import (
    MongoCatalogue,
    MongoDeadlines,
    MongoOutbox,
    MongoProducts,
    MongoTaxonomy,
    ensure_indexes,
)
from renga.domains.catalog.stores.mongo.layout import TREE
from renga.domains.catalog.stores.mongo.tree import LOCK_MS
from renga.kernel.clock import ManualClock
from renga.kernel.errors import OutcomeUnknown, Unavailable
from renga.platform.mongo.client import Client, Database, close_client, database_of, open_client
from tests.engines.registry import Registry
from tests.ports.product_stores import Lab, following


@pytest.fixture
async def client(engines: Registry, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    client = open_client(engines.shared("secantusdb", request.node.nodeid).url)
    yield client
    await close_client(client)


@pytest.fixture
async def database(client: Client) -> AsyncIterator[Database]:
    database = database_of(client, f"test_{secrets.token_hex(6)}")
    await ensure_indexes(database)
    yield database
    await client.drop_database(database.name)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def lab(client: Client, database: Database, clock: ManualClock, *, transactions: bool, **deadlines: float) -> Lab:
    catalogue = MongoCatalogue(
        client, database, transactions=transactions, clock=clock, deadlines=MongoDeadlines(**deadlines)
    )
    return Lab(MongoProducts(catalogue), MongoTaxonomy(catalogue), MongoOutbox(catalogue), atomic=transactions)


async def test_who_died_holding_the_tree_holds_it_only_for_a_while(
    client: Client, database: Database, clock: ManualClock
) -> None:
    shop = lab(client, database, clock, transactions=False, read_s=0.5)
    await shop.put_category("home")
    lease = {"until": clock.now_ms() + LOCK_MS, "holder": "somebody who died"}
    await database["counters"].update_one({"_id": TREE}, {"$set": lease})
    before = await shop.picture()
    with pytest.raises(Unavailable) as caught:
        await shop.put_category("home", 2)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert await shop.picture() == before
    clock.advance(seconds=LOCK_MS // 1000 + 1)
    await shop.put_category("home", 2)
    with pytest.raises(CategoryCycle):
        await shop.put_category("home", 3, parent="home")
    await shop.put_category("home", 3)  # a refusal gave the lease back
    assert [c.version for c in await shop.taxonomy.categories()] == [3]


async def test_the_news_stands_in_the_document_until_it_was_told(
    client: Client, database: Database, clock: ManualClock
) -> None:
    shop = lab(client, database, clock, transactions=False)
    mug = shop.product("mug")
    await shop.write(mug)
    await shop.put_type("cup")
    await shop.taxonomy.drop_product_type("cup", 1, shop.event("cup", 2))

    async def stored(shelf: str) -> list[dict[str, Any]]:
        return await database[shelf].find({}, {"pending.position": 1, "gone": 1}).to_list()

    assert await stored("products") == [{"_id": mug.id, "pending": [{"position": 1}]}]
    assert await stored("product_types") == [
        {"_id": "cup", "gone": True, "pending": [{"position": 2}, {"position": 3}]}
    ]
    assert await stored("outbox") == []
    await shop.forget_events()
    assert await stored("products") == [{"_id": mug.id}]
    assert await stored("product_types") == []


async def test_a_server_that_becomes_a_replica_set_still_tells_what_waits(
    client: Client, database: Database, clock: ManualClock
) -> None:
    lone = lab(client, database, clock, transactions=False)
    mug, lamp = lone.product("mug"), lone.product("lamp")
    await lone.write(mug, lamp)
    await lone.put_collection("blue")
    await lone.taxonomy.drop_collection("blue", 1, lone.event("blue", 2))
    replica = lab(client, database, clock, transactions=True)
    await replica.write(following(mug))
    await replica.put_collection("blue")
    told = [(subject, sequence) for _, subject, sequence in await replica.events()]
    assert told == [(mug.id, 1), (lamp.id, 1), ("blue", 1), ("blue", 2), (mug.id, 2), ("blue", 1)]
    assert await database["outbox"].count_documents({}) == 2
    await replica.forget_events()
    assert await replica.events() == []
    assert [c.slug for c in await replica.taxonomy.collections()] == ["blue"]
    assert (await replica.products.by_slug(["mug"]))["mug"].version == 2
