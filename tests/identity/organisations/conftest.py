"""The house of part organisations on a fresh, migrated database."""

from collections.abc import AsyncIterator

import pytest

from renga.platform.postgres.pool import open_pool
from tests.identity.organisations.house import House


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    pool = await open_pool(database_url)
    yield House(pool)
    await pool.close()
