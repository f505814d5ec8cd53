"""The house that the tests of the authorization server live in."""

from collections.abc import AsyncIterator

import pytest

from renga.kernel.clock import ManualClock
from tests.identity.oauth.house import House, open_house


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def house(database_url: str, valkey_url: str, clock: ManualClock) -> AsyncIterator[House]:
    """The authorization server at a time that the test moves."""
    async with open_house(database_url, valkey_url, clock=clock) as made:
        yield made
