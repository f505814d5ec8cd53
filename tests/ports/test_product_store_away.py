"""Contract of every catalogue store: an unreachable server is ``Unavailable``, in time; nothing is half-written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from renga.domains.catalog.stores.mongo import MongoDeadlines
from renga.domains.catalog.stores.postgres import PostgresProducts, PostgresTaxonomy
from renga.kernel.errors import OutcomeUnknown, Unavailable
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.pool import open_pool
from tests.engines.process import free_port
from tests.ports.product_stores import Lab, following, mongo_lab

pytestmark = pytest.mark.usefixtures("sockets_left_by_pymongo")

#: Within this a call must have given up whose own deadline is far shorter; never a measure of speed.
PATIENCE_S = 60.0
SHORT = MongoDeadlines(read_s=0.5, write_s=0.5)
MODES = pytest.mark.parametrize("transactions", [True, False], ids=["transactions", "standalone"])


def every_call(shop: Lab) -> list[Callable[[], Awaitable[Any]]]:
    store, taxonomy, mug = shop.products, shop.taxonomy, shop.product("mug")
    one = shop.event("x", 1)
    return [
        lambda: store.offers(["A"]),
        lambda: store.page(limit=1, before=None, channel="web"),
        lambda: store.page(limit=1, before=None, channel="web", category="x"),
        lambda: store.of_merchants(None, limit=1, before=None),
        lambda: store.by_slug(["a"]),
        lambda: store.by_id([mug.id]),
        lambda: store.by_sku(["A"]),
        lambda: store.owners(["A"]),
        lambda: store.scan(after=0, limit=1),
        lambda: store.due("2030", 1),
        lambda: store.write([shop.change(mug)]),
        lambda: store.import_mark(),
        lambda: store.clear_import_mark(),
        lambda: taxonomy.categories(),
        lambda: taxonomy.seed_categories([]),
        lambda: shop.put_category("x"),
        lambda: taxonomy.drop_category("x", 1, one),
        lambda: taxonomy.collections(),
        lambda: taxonomy.collection("x"),
        lambda: shop.put_collection("x"),
        lambda: taxonomy.drop_collection("x", 1, one),
        lambda: taxonomy.members("x", limit=1, before=None, channel="web"),
        lambda: taxonomy.set_members({mug.id: (1, ["x"])}),
        lambda: taxonomy.product_types(),
        lambda: shop.put_type("x"),
        lambda: taxonomy.drop_product_type("x", 1, one),
        lambda: shop.outbox.read(1),
        lambda: shop.outbox.trim(["1"]),
    ]


async def refused(call: Callable[[], Awaitable[Any]]) -> BaseException:
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(Unavailable) as caught:
            await call()
    return caught.value


@MODES
async def test_a_mongodb_that_nobody_started_is_unavailable_for_every_call(transactions: bool) -> None:
    url = f"mongodb://user:hidden@127.0.0.1:{free_port()}"
    async with mongo_lab(url, transactions=transactions, deadlines=SHORT, away=True) as shop:
        errors = await asyncio.gather(*(refused(call) for call in every_call(shop)))
    assert {type(error).__name__ for error in errors} == {"DocumentStoreUnavailable"}
    assert "hidden" not in str(errors)


async def test_a_postgres_that_is_away_is_unavailable_for_every_call(start_engine: Callable[..., Any]) -> None:
    server = start_engine("postgres")
    pool = await open_pool(server.url)
    server.kill()
    try:
        shop = Lab(PostgresProducts(pool), PostgresTaxonomy(pool), PostgresOutbox(pool, "catalog"), atomic=True)
        for call in every_call(shop):
            await refused(call)
    finally:
        pool.terminate()


@MODES
async def test_a_mongodb_that_hangs_is_given_up_at_the_deadline_and_works_afterwards(
    start_engine: Callable[..., Any], transactions: bool
) -> None:
    server = start_engine("secantusdb")
    async with mongo_lab(server.url, transactions=transactions, deadlines=SHORT, private=True) as shop:
        mug = shop.product("mug")
        await shop.write(mug)
        server.pause()
        assert type(await refused(lambda: shop.products.by_slug(["mug"]))) is not OutcomeUnknown
        await refused(lambda: shop.write(following(mug)))
        await refused(lambda: shop.put_category("table"))
        await refused(lambda: shop.outbox.read(1))
        server.resume()
        found = (await shop.products.by_slug(["mug"]))["mug"]
        if transactions:  # it was never committed
            assert found == mug
            assert await shop.events() == [("ProductUpdated", mug.id, 1)]
        await shop.write(following(found))
        assert (await shop.products.by_slug(["mug"]))["mug"].version == found.version + 1


async def test_a_write_without_a_transaction_that_gets_no_answer_says_that_its_outcome_is_unknown(
    start_engine: Callable[..., Any],
) -> None:
    server = start_engine("secantusdb")
    async with mongo_lab(server.url, transactions=False, deadlines=SHORT, private=True) as shop:
        await shop.products.import_mark()
        server.pause()
        error = await refused(lambda: shop.products.clear_import_mark())
        assert isinstance(error, OutcomeUnknown)
        server.resume()
        assert await shop.products.import_mark() is None
