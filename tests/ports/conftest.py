"""What the contract suites run over: every bus, every cart store and every index of this machine."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Bus
from renga.platform.postgres.pool import open_pool
from tests.engines import resp
from tests.engines.registry import Registry
from tests.ports import payment_providers, product_stores
from tests.ports.cart_stores import LIMITS, OPENERS, Lab, Opener
from tests.ports.payment_lab import ProviderLab
from tests.ports.search_indexes import OPENERS as INDEXES
from tests.ports.search_indexes import Lab as SearchLab


@pytest.fixture(params=["valkey", "redis7", "cluster", "rabbitmq"])
def bus_url(request: pytest.FixtureRequest, engines: Any) -> str:
    """Wider than the shared fixture: Redis Streams also on Debian's Redis and on a cluster."""
    if request.param == "rabbitmq":
        return str(request.getfixturevalue("rabbitmq_url"))
    running = engines.shared(request.param, request.node.nodeid)
    if request.param == "cluster":
        running.flush()
    else:
        resp.command(int(running.url.rpartition(":")[2]), "FLUSHALL")
    return str(running.url)


@pytest.fixture
async def bus(bus_url: str) -> AsyncIterator[Bus]:
    bus = make_bus(bus_url)
    await bus.start()
    yield bus
    await bus.close()


@pytest.fixture(params=list(OPENERS))
def cart_store(request: pytest.FixtureRequest) -> Opener:
    """Every cart store, for tests that choose limits or clock themselves."""
    return OPENERS[request.param]


@pytest.fixture
async def lab(cart_store: Opener, engines: Registry, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """Every cart store, empty, with small limits and a clock that the test moves."""
    async with cart_store(engines, request.node.nodeid, LIMITS, None) as opened:
        yield opened


@pytest.fixture(params=list(INDEXES))
async def search_lab(request: pytest.FixtureRequest, engines: Registry, database_url: str) -> AsyncIterator[SearchLab]:
    """Every index of search, empty."""
    pool = await open_pool(database_url)
    async with INDEXES[request.param](engines, request.node.nodeid, pool) as opened:
        yield opened
    await pool.close()


@pytest.fixture(params=list(product_stores.OPENERS))
def catalogue_store(request: pytest.FixtureRequest, engines: Registry) -> product_stores.Opened:
    """Every store of the catalogue, for tests that open it themselves."""
    return product_stores.OPENERS[request.param](engines, request)


@pytest.fixture
async def shop(catalogue_store: product_stores.Opened) -> AsyncIterator[product_stores.Lab]:
    """Every store of the catalogue, empty."""
    async with catalogue_store() as opened:
        yield opened


@pytest.fixture(params=list(payment_providers.OPENERS))
async def paying(request: pytest.FixtureRequest, engines: Registry) -> AsyncIterator[ProviderLab]:
    """Every payment provider, with each of its methods."""
    async with payment_providers.OPENERS[request.param](engines, request.node.nodeid) as opened:
        yield opened


@pytest.fixture(params=list(payment_providers.CARDS))
async def cards(request: pytest.FixtureRequest, engines: Registry) -> AsyncIterator[ProviderLab]:
    """Every provider of card payments."""
    async with payment_providers.CARDS[request.param](engines, request.node.nodeid) as opened:
        yield opened


@pytest.fixture(params=list(payment_providers.LATER))
async def later(request: pytest.FixtureRequest, engines: Registry) -> AsyncIterator[ProviderLab]:
    """Every provider of a method that the buyer pays later, elsewhere."""
    async with payment_providers.LATER[request.param](engines, request.node.nodeid) as opened:
        yield opened
