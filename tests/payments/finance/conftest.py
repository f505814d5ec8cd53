"""Finance on the database of payments' tests."""

import asyncpg
import msgspec
import pytest

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.finance.local import LocalFinance
from renga.domains.payments.finance.opening import finance_dependencies
from renga.kernel.clock import ManualClock
from tests.payments.finance.house import House, Roles, SettlingProvider, at


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(at("2027-03-01T12:00"))


@pytest.fixture
def provider() -> SettlingProvider:
    return SettlingProvider()


@pytest.fixture
def house(
    dependencies: PaymentDependencies,
    pool: "asyncpg.Pool[asyncpg.Record]",
    clock: ManualClock,
    provider: SettlingProvider,
) -> House:
    finance = finance_dependencies(
        pool, dependencies.settings, dependencies.providers, identity=None, clock=clock, new_id=dependencies.new_id,
        secret=dependencies.secret,
    )  # fmt: skip
    people = Roles()
    finance = msgspec.structs.replace(finance, roles=people, partner_accounts=people)
    return House(dependencies, LocalFinance(finance), pool, clock, provider)
