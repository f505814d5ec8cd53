"""The worker's loop over dates: it continues after an outage of the store, and takes at most a batch at once."""

import asyncio
from collections.abc import Sequence

import asyncpg

from renga.domains.catalog import jobs
from renga.domains.catalog.contract import Product
from renga.domains.catalog.jobs import apply_due, apply_due_until_cancelled
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.stores.postgres import PostgresProducts
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from tests.catalog.callers import MANAGER
from tests.catalog.shop import row
from tests.support import eventually

Pool = asyncpg.Pool
SOON = {"channel": "web", "from_at": "2023-11-14T22:13:30Z"}


class AwayAtFirst(PostgresProducts):
    """Its first question finds the store away."""

    asked = 0

    async def due(self, now: str, limit: int) -> Sequence[Product]:
        self.asked += 1
        if self.asked == 1:
            raise Unavailable
        return await super().due(now, limit)


async def test_dates_are_applied_once_the_store_is_back(
    catalog: CatalogService, pool: Pool, clock: ManualClock
) -> None:
    await catalog.upsert([row(publications=[SOON])])
    clock.advance(seconds=10)
    store = AwayAtFirst(pool)
    loop = asyncio.create_task(apply_due_until_cancelled(store, clock, catalog.dependencies.new_id))

    async def sold() -> bool:
        return bool(await catalog.offers(["MUG"]))

    try:
        await eventually(sold)
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert store.asked >= 2


async def test_no_more_than_a_batch_is_taken_at_once(catalog: CatalogService, pool: Pool, clock: ManualClock) -> None:
    amount = jobs.DUE_BATCH_MAX + 3
    await catalog.upsert([row(f"p{n}", publications=[SOON]) for n in range(amount)])
    clock.advance(seconds=10)
    store = PostgresProducts(pool)
    rounds = [await apply_due(store, clock, catalog.dependencies.new_id) for _ in range(3)]
    assert rounds == [jobs.DUE_BATCH_MAX, 3, 0]


async def test_one_product_that_was_written_meanwhile_does_not_hold_up_the_others(
    catalog: CatalogService, pool: Pool, clock: ManualClock
) -> None:
    await catalog.upsert([row("a", publications=[SOON]), row("b", publications=[SOON])])
    clock.advance(seconds=10)

    class Racing(PostgresProducts):
        async def due(self, now: str, limit: int) -> Sequence[Product]:
            found = await super().due(now, limit)
            await catalog.patch_product(MANAGER, "a", {"brand": "Meanwhile"})
            return found

    assert await apply_due(Racing(pool), clock, catalog.dependencies.new_id) == 2
    found = await catalog.products_by_slug(["a", "b"])
    assert {slug: (p.version, p.brand, p.channels) for slug, p in found.items()} == {
        "a": (2, "Meanwhile", ("web",)),
        "b": (2, None, ("web",)),
    }
