"""Payments on a real, migrated PostgreSQL database of the test's own, with a scripted provider."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.local import LocalPayments
from renga.kernel.clock import ManualClock
from renga.platform.postgres.pool import open_pool
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.telling_provider import TellingProvider
from tests.payments.till import Till
from tests.payments.world import World, scripted_dependencies


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    pool = await open_pool(database_url)
    yield pool
    await pool.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def dependencies(
    pool: "asyncpg.Pool[asyncpg.Record]", clock: ManualClock, provider: ScriptedProvider
) -> PaymentDependencies:
    return scripted_dependencies(pool, clock, provider)


@pytest.fixture
def payments(dependencies: PaymentDependencies) -> LocalPayments:
    return LocalPayments(dependencies)


@pytest.fixture
def telling() -> TellingProvider:
    return TellingProvider()


@pytest.fixture
def world(telling: TellingProvider, clock: ManualClock, pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(telling, clock, pool)


@pytest.fixture
def till(payments: LocalPayments, pool: "asyncpg.Pool[asyncpg.Record]") -> Till:
    return Till(payments, pool)
