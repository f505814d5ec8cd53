"""The catalogue on a real, migrated PostgreSQL database of the test's own."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.opening import catalog_on_postgres
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool
from tests.catalog.selling import Shop


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    pool = await open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def catalog(pool: "asyncpg.Pool[asyncpg.Record]", clock: ManualClock) -> CatalogService:
    numbers = count(1)
    return catalog_on_postgres(pool, clock, lambda: uuid7(clock.now_ms(), next(numbers)))


@pytest.fixture
async def shop(catalog: CatalogService, tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(catalog, tmp_path / "media")
    yield shop
    await shop.close()
