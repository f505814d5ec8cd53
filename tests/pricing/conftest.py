"""Pricing on a real, migrated PostgreSQL database of the test's own, beside a real catalogue and real carts."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from renga.domains.cart.opening import CartModule
from renga.domains.cart.settings import CartSettings
from renga.domains.catalog.contract import CatalogContracts
from renga.domains.catalog.opening import catalog_on_postgres
from renga.domains.pricing.face import face_of
from renga.domains.pricing.opening import pricing_on_postgres
from renga.domains.pricing.settings import PricingSettings
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool
from renga.platform.redis.client import HotRedis
from tests.cart.support import FAR_MS
from tests.face_clients import FaceClients, clients_of
from tests.pricing.house import House, MemoryBuyers, MemoryStock

SECRET = b"s" * 32


@pytest.fixture
async def house(database_url: str, valkey_url: str) -> AsyncIterator[House]:
    pool, redis = await open_pool(database_url), HotRedis(valkey_url)
    clock, numbers = ManualClock(FAR_MS), count(1)

    def new_id() -> str:
        return uuid7(clock.now_ms(), next(numbers))

    catalog = catalog_on_postgres(pool, clock, new_id)
    cart = CartModule(
        CartSettings(), redis=redis, pool=pool, catalog=catalog, clock=clock, new_id=new_id, secret=SECRET,
        store_clock=clock,
    )  # fmt: skip
    buyers, stock = MemoryBuyers(), MemoryStock()
    pricing = pricing_on_postgres(
        pool, PricingSettings(), catalog=CatalogContracts(fresh=catalog, cached=catalog), carts=cart.carts,
        clock=clock, new_id=new_id, secret=SECRET, buyers=buyers, stock=stock,
    )  # fmt: skip
    yield House(pool, catalog, cart, pricing, clock, buyers, stock)
    await redis.close()
    await pool.close()


@pytest.fixture
async def clients(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    async with clients_of(face_of(house.pricing), monkeypatch) as opened:
        yield opened
