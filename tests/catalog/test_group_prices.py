"""No public answer of the catalogue names a price of a customer group: REST, offers' prices, search documents, feeds."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from joserfc.jwk import KeySet
from litestar import Litestar

from renga.domains.catalog.http import operations
from renga.domains.catalog.local import CatalogService
from renga.domains.search.model.document import TaxonomyTexts, document_of
from renga.kernel.clock import SystemClock
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.lean import LeanTable
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.catalog.callers import MANAGER
from tests.catalog.shop import row

#: Of the prices that are for somebody: no other number in an answer has these digits.
SECRET, GROUP = 61_507, "traders-of-lisbon"


@pytest.fixture
async def shop(catalog: CatalogService) -> CatalogService:
    listed = [
        {"currency": "BRL", "amount": SECRET, "group": GROUP},
        {"currency": "BRL", "amount": SECRET, "group": GROUP, "min_quantity": 10, "channel": "web"},
    ]
    await catalog.upsert([row(variants=[{"sku": "MUG", "prices": {"BRL": 89_000}, "price_list": listed}])])
    return catalog


@pytest.fixture
async def client(shop: CatalogService) -> AsyncIterator[httpx.AsyncClient]:
    gate = Gate(Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock())))
    app = LeanTable(
        Litestar([], exception_handlers=EXCEPTION_HANDLERS), operations(shop), body_max_bytes=1_000, gate=gate
    )
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/v1/products", "/v1/products/mug", "/v1/products/mug?group=traders-of-lisbon", "/v1/products?channel=web"]
)
async def test_public_rest_names_no_group_and_no_price_of_one(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert "price_list" not in answer.text
    assert str(SECRET) not in answer.text
    assert GROUP not in answer.text
    if answer.status_code == 200:
        assert "89000" in answer.text


async def test_a_guests_prices_in_offers_and_in_search_are_not_those_of_a_group(shop: CatalogService) -> None:
    assert (await shop.offers(["MUG"]))["MUG"].prices == {"BRL": 89_000}
    product = await shop.product("mug")
    document = document_of(product, TaxonomyTexts.of((), ()))
    assert document.prices == {"BRL": 89_000}
    assert str(SECRET) not in repr(document)


async def test_feeds_for_other_shops_have_a_guests_prices_and_the_merchants_own_export_all(
    shop: CatalogService,
) -> None:
    async def export(name: str) -> str:
        feed = await shop.feed(name, shop_url="https://shop.example", language="en", currency="BRL")  # type: ignore[arg-type]
        return "".join([piece async for piece in shop.export(MANAGER, feed)])

    for name in ("google", "shopify"):
        written = await export(name)
        assert "890.00" in written
        assert "615.07" not in written
        assert GROUP not in written
    own = [json.loads(line) for line in (await export("jsonl")).splitlines()]
    assert own[0]["variants"][0]["price_list"][0] == {"currency": "BRL", "amount": SECRET, "group": GROUP}
