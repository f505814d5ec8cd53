"""The shop as users run it: ``renga up`` on a folder and a port of its own, once for all flows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.shop import Shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running shop with the demo products; stopped as Ctrl-C does, and nothing of it may be left."""
    running = Shop(tmp_path_factory.mktemp("shop"))
    try:
        running.start()
        yield running
        status, left = running.stop()
        assert (status, left) == (0, [])
    finally:
        running.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a file of the test's own."""
    return tmp_path
