"""The inventory on a real, migrated PostgreSQL database of the test's own."""

from collections.abc import AsyncIterator
from itertools import count

import asyncpg
import pytest

from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.opening import stock_on_postgres
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool
from tests.inventory.shelves import Shelves, Skus


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    pool = await open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def skus() -> Skus:
    return Skus()


@pytest.fixture
async def stock(pool: "asyncpg.Pool[asyncpg.Record]", clock: ManualClock, skus: Skus) -> AsyncIterator[LocalStock]:
    numbers = count(1)
    stock = stock_on_postgres(
        pool, skus, clock=clock, new_id=lambda: uuid7(clock.now_ms(), next(numbers)), secret=b"s" * 32
    )
    yield stock
    await stock.queue.close()


@pytest.fixture
def shelves(stock: LocalStock, pool: "asyncpg.Pool[asyncpg.Record]") -> Shelves:
    return Shelves(stock, pool)
