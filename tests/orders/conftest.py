"""Checkouts on a real, migrated PostgreSQL database of the test's own."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any, cast

import pytest

from renga.domains.inventory.opening import stock_on_postgres
from renga.domains.orders.opening import orders_on_postgres
from renga.domains.orders.settings import OrdersSettings
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.ids import uuid7
from tests.inventory.shelves import Skus
from tests.orders.counter import CheckoutClients, Counter, FakeBuyers, OfferedPayments
from tests.orders.shop import Shop
from tests.payments.scripted_provider import ScriptedProvider
from tests.pricing.conftest import SECRET
from tests.pricing.conftest import house as house
from tests.pricing.house import House


@pytest.fixture
async def counter(house: House) -> Counter:
    numbers, payments, buyers = count(1), OfferedPayments(), FakeBuyers()
    checkouts = orders_on_postgres(
        house.pool, OrdersSettings(), carts=house.cart.carts, pricing=house.pricing, payments=cast(Any, payments),
        buyers=cast(Any, buyers), clock=house.clock, new_id=lambda: uuid7(house.clock.now_ms(), 1 << 60 | next(numbers)),
        secret=SECRET, public_url="http://shop",
    )  # fmt: skip
    return Counter(house, checkouts, payments, buyers)


@pytest.fixture
async def clients(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CheckoutClients]:
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
    opened = CheckoutClients(counter.checkouts)
    yield opened
    await opened.close()


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
async def shop(house: House, provider: ScriptedProvider) -> AsyncIterator[Shop]:
    numbers = count(1)

    def new_id() -> str:
        return uuid7(house.clock.now_ms(), 1 << 61 | next(numbers))

    pool, clock = house.pool, house.clock
    settings = PaymentSettings(providers="sim", deadline_ms=200)
    payments = LocalPayments(
        payment_dependencies(
            pool, settings, [provider], clock=clock, new_id=new_id, secret=SECRET, public_url="http://shop"
        )
    )
    stock = stock_on_postgres(pool, Skus(), clock=clock, new_id=new_id, secret=SECRET)
    orders = orders_on_postgres(
        pool, OrdersSettings(), carts=house.cart.carts, pricing=house.pricing, payments=payments, stock=stock,
        buyers=cast(Any, FakeBuyers()), clock=clock, new_id=new_id, secret=SECRET, public_url="http://shop",
    )  # fmt: skip
    yield Shop(house, orders, payments, provider, stock)
    await stock.queue.close()
