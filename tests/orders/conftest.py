"""Checkouts on a real, migrated PostgreSQL database of the test's own."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any, cast

import pytest

from renga.domains.orders.opening import checkouts_on_postgres
from renga.domains.orders.settings import OrdersSettings
from renga.kernel.ids import uuid7
from tests.orders.counter import CheckoutClients, Counter, FakeBuyers, OfferedPayments
from tests.pricing.conftest import SECRET
from tests.pricing.conftest import house as house
from tests.pricing.house import House


@pytest.fixture
async def counter(house: House) -> Counter:
    numbers, payments, buyers = count(1), OfferedPayments(), FakeBuyers()
    checkouts = checkouts_on_postgres(
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
