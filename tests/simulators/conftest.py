"""Fixtures of the simulated provider's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulators.provider import Provider, provider_in


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_in(tmp_path / "provider") as running:
        yield running
