"""Checkouts on a real, migrated PostgreSQL database of the test's own."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any, cast

import pytest

from renga.domains.inventory.opening import stock_on_postgres
from renga.domains.orders.face import face_of
from renga.domains.orders.opening import orders_on_postgres
from renga.domains.orders.settings import OrdersSettings
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.ids import uuid7
from tests.face_clients import FaceClients, clients_of
from tests.inventory.shelves import Skus
from tests.orders.counter import Counter, FakeBuyers, OfferedPayments
from tests.orders.shop import Shop
from tests.payments.scripted_provider import ScriptedProvider
from tests.pricing.conftest import SECRET
from tests.pricing.conftest import house as house
from tests.pricing.house import House

LANGUAGES = ("pt-BR", "en")


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
async def clients(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    async with clients_of(face_of(counter.checkouts, LANGUAGES), monkeypatch) as opened:
        yield opened


@pytest.fixture
async def http(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    async with clients_of(face_of(shop.orders, LANGUAGES), monkeypatch) as opened:
        yield opened


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
