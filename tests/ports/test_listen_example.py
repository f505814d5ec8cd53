"""The example of a listener hears a domain on every bus, also what happened while it was away."""

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from renga.kernel.events import Event
from renga.platform.bus.port import Bus
from tests.ports.bus_tools import equal, event, pair
from tests.support import eventually

FILE = Path(__file__).parents[2] / "docs" / "examples" / "listen.py"


def _example() -> Any:
    spec = importlib.util.spec_from_file_location("listen_example", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Program:
    """The example with a handler that remembers, and fails at one event if asked to."""

    def __init__(self, url: str, fails_at: int = 0) -> None:
        self.got: list[dict[str, Any]] = []
        self.fails_at = fails_at
        self.task = asyncio.create_task(_example().listen(url, "crm", "cart", self._handle))

    async def _handle(self, told: dict[str, Any]) -> None:
        if int(told["sequence"]) == self.fails_at:
            raise RuntimeError("not yet")
        self.got.append(told)

    @property
    def sequences(self) -> list[int]:
        return [int(told["sequence"]) for told in self.got]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def _publish(bus: Bus, *events: Event) -> None:
    for one in events:
        await bus.publish([one])


@pytest.mark.parametrize("bus_url", ["valkey", "rabbitmq"], indirect=True)
async def test_a_program_of_ones_own_hears_a_domain_and_what_it_missed(bus: Bus, bus_url: str) -> None:
    first = Program(bus_url, fails_at=1_000)
    probe = 0

    async def listens() -> bool:
        nonlocal probe
        probe += 1
        await bus.publish([event(probe)])
        return bool(first.got)

    await eventually(listens)
    await _publish(bus, event(500), event(1, type="catalog.PriceChanged"), event(1_000))
    await asyncio.wait([first.task], timeout=10)
    assert isinstance(first.task.exception(), RuntimeError)
    assert first.sequences[-1] == 500
    await _publish(bus, event(1_001), pair(1_002))
    second = Program(bus_url)
    await eventually(lambda: equal(lambda: second.sequences, [1_000, 1_001, 1_002, 1_002]))
    assert second.got[0]["type"] == "cart.ItemAddedToCart"
    assert second.got[0]["data"] == {"number": 1_000}
    assert [(told["id"], told["type"], told["data"]) for told in second.got[2:]] == [
        ("cart.ItemAddedToCart:c1:1002", "cart.ItemAddedToCart", {"number": 1_002}),
        ("cart.ItemAddedToCart:c1:1002:updated", "cart.CartUpdated", {"change": 1_002}),
    ]
    await second.stop()
