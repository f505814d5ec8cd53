"""Payments on a real, migrated PostgreSQL database of the test's own, with a scripted provider."""

from collections.abc import AsyncIterator
from itertools import count

import asyncpg
import pytest

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.till import Till


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
    numbers = count(1)
    return payment_dependencies(
        pool, PaymentSettings(providers="sim", deadline_ms=200), [provider], clock=clock,
        new_id=lambda: uuid7(clock.now_ms(), next(numbers)), secret=b"s" * 32, public_url="https://shop.example",
    )  # fmt: skip


@pytest.fixture
def payments(dependencies: PaymentDependencies) -> LocalPayments:
    return LocalPayments(dependencies)


@pytest.fixture
def till(payments: LocalPayments, pool: "asyncpg.Pool[asyncpg.Record]") -> Till:
    return Till(payments, pool)
