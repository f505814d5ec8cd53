"""Search on a migrated PostgreSQL database of the test's own, over a catalogue in memory."""

from collections.abc import AsyncIterator
from itertools import count

import asyncpg
import pytest

from renga.domains.search.opening import SearchModule
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool
from tests.catalog.fake import FakeCatalog


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    pool = await open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def catalog() -> FakeCatalog:
    return FakeCatalog.demo()


@pytest.fixture
async def rooms(pool: "asyncpg.Pool[asyncpg.Record]", clock: ManualClock, catalog: FakeCatalog) -> SearchModule:
    """Search with the demo shop in its index."""
    numbers = count(1)
    opened = SearchModule(
        "", pool=pool, catalog=catalog, clock=clock, new_id=lambda: uuid7(clock.now_ms(), next(numbers))
    )
    await opened.rebuild()
    return opened
