"""The accounts on the real PostgreSQL, with a clock to move, mails to read and waits that are noted instead of waited."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.identity.accounts.people import People


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=10) as pool:
        yield pool


@pytest.fixture
async def people(pool: "asyncpg.Pool[asyncpg.Record]") -> AsyncIterator[People]:
    people = People(pool)
    await people.passwords.prepare()
    people.passwords.verifications = 0
    yield people
    people.passwords.close()
