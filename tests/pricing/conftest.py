"""Pricing on a real, migrated PostgreSQL database of the test's own, beside a real catalogue and real carts."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from renga.domains.cart.opening import CartModule
from renga.domains.cart.settings import CartSettings
from renga.domains.catalog.contract import CatalogContracts
from renga.domains.catalog.opening import catalog_on_postgres
from renga.domains.pricing.opening import pricing_on_postgres
from renga.domains.pricing.settings import PricingSettings
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool
from renga.platform.redis.client import HotRedis
from tests.cart.support import FAR_MS
from tests.pricing.house import Clients, House, MemoryBuyers, MemoryStock

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
async def clients(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clients]:
    # the gate would ask for credentials; here the scope already has who calls
    from renga.platform.auth.access import check
    from renga.platform.http.gate import Gate

    async def enter(self: Gate, scope: Any, access: Any, rate: str) -> None:
        check(access, scope["renga_principal"])

    async def around_read(self: Gate, scope: Any, access: Any, rate: str, read: Any) -> Any:
        check(access, scope["renga_principal"])
        return await read()

    monkeypatch.setattr(Gate, "enter", enter)
    monkeypatch.setattr(Gate, "around_read", around_read)
    monkeypatch.setattr(Gate, "check_class", lambda self, name: None)
    monkeypatch.setattr("renga.platform.http.lean.check_header_token", lambda scope: None)
    opened = Clients(house.pricing)
    yield opened
    await opened.close()
