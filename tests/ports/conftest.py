"""The bus of the contract suite: every engine of this machine, wider than the shared fixture."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Bus
from tests.engines import resp


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
