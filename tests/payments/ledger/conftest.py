"""The ledger on a real, migrated PostgreSQL database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from renga.platform.postgres import calls
from renga.platform.postgres.pool import open_pool
from tests.payments.ledger.books import Books


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[calls.Pool]:
    pool = await open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture
def books(pool: calls.Pool) -> Books:
    return Books(pool)
