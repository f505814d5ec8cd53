"""Fixtures of the cart's tests."""

from collections.abc import AsyncIterator

import httpx
import pytest

from renga.domains.cart.ports import CartLimits
from tests.cart.support import MemoryCatalog, Shop, Tokens, api_client, offer


@pytest.fixture
def catalog() -> MemoryCatalog:
    """Three skus: a mug in two currencies, a bowl in BRL alone, a book in USD alone."""
    return MemoryCatalog(
        offer("MUG", en="Mug", BRL=1_999, USD=499),
        offer("BOWL", en="Bowl", BRL=3_000),
        offer("BOOK", en="Book", USD=1_000),
    )


@pytest.fixture
async def shop(valkey_url: str, catalog: MemoryCatalog) -> AsyncIterator[Shop]:
    """The use cases over a real Valkey, with small limits and a clock that the test moves."""
    async with Shop(valkey_url, catalog, limits=CartLimits(lines=3, quantity=9, life_ms=100_000)) as opened:
        yield opened


@pytest.fixture
def tokens() -> Tokens:
    """The issuer that the API under test trusts."""
    return Tokens()


@pytest.fixture
async def api(shop: Shop, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    """The whole web application over that shop, behind its edge, without a network."""
    async with api_client(shop, tokens) as client:
        yield client
