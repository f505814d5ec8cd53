"""Prices over HTTP: now, later, and the end of a sale."""

from typing import Any

import pytest

from renga.domains.catalog.local import CatalogService
from tests.catalog.selling import ADMIN, POTTER, Shop
from tests.catalog.shop import row

PATH = "/v1/catalog/prices/MUG"


@pytest.fixture(autouse=True)
async def mug(shop: Shop) -> None:
    answer = await shop.as_(POTTER).post("/v1/catalog/products", json=row("mug"))
    assert answer.status_code == 201


async def test_a_price_is_set_now(shop: Shop, catalog: CatalogService) -> None:
    answer = await shop.as_(POTTER).put(f"{PATH}/USD", json={"amount": 1290})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert (await catalog.offers(["MUG"]))["MUG"].prices == {"BRL": 5990, "USD": 1290}


async def test_a_price_with_a_date_waits_for_it(shop: Shop, catalog: CatalogService) -> None:
    wanted = {"amount": 4990, "at": "2126-11-27T00:00:00-03:00"}
    body = (await shop.as_(ADMIN).put(f"{PATH}/BRL", json=wanted)).json()
    assert body["scheduled"] == [{"sku": "MUG", "currency": "BRL", "amount": 4990, "at": "2126-11-27T03:00:00.000Z"}]
    assert body["due_at"] == "2126-11-27T03:00:00.000Z"
    assert (await catalog.offers(["MUG"]))["MUG"].prices == {"BRL": 5990}


async def test_a_sale_ends(shop: Shop, catalog: CatalogService) -> None:
    answer = await shop.as_(POTTER).delete(f"{PATH}/BRL")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert (await catalog.product("mug")).variants[0].prices == {}
    later = await shop.as_(POTTER).delete(f"{PATH}/BRL", params={"at": "2126-01-01T00:00:00Z"})
    assert later.json()["scheduled"][0]["amount"] is None


async def test_a_price_at_another_version_is_not_set(shop: Shop, catalog: CatalogService) -> None:
    client = shop.as_(POTTER)
    for tag in ('"9"', '"7", "9"'):
        answer = await client.put(f"{PATH}/BRL", json={"amount": 1}, headers={"If-Match": tag})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert (await catalog.offers(["MUG"]))["MUG"].prices == {"BRL": 5990}
    assert (await client.put(f"{PATH}/BRL", json={"amount": 1}, headers={"If-Match": '"1"'})).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("MUG/XXX", {"amount": 1}, 422, "currency_unknown"),
        ("MUG/BRL", {"amount": -1}, 422, "price_out_of_range"),
        ("MUG/BRL", {"amount": 10**13}, 422, "price_out_of_range"),
        ("MUG/BRL", {"amount": "1"}, 400, "invalid_request"),
        ("MUG/BRL", {"amount": 1.5}, 400, "invalid_request"),
        ("MUG/BRL", {"amount": True}, 400, "invalid_request"),
        ("MUG/BRL", {}, 400, "invalid_request"),
        ("MUG/BRL", {"amount": 1, "when": "now"}, 400, "invalid_request"),
        ("MUG/BRL", {"amount": 1, "at": "tomorrow"}, 422, "moment_invalid"),
        ("MUG/BRL", {"amount": 1, "at": 5}, 400, "invalid_request"),
        ("CUP/BRL", {"amount": 1}, 404, "sku_not_found"),
    ],
)
async def test_what_is_no_price_is_refused(
    shop: Shop, catalog: CatalogService, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await shop.as_(POTTER).put(f"/v1/catalog/prices/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await catalog.product("mug")).version == 1


@pytest.mark.parametrize(("field", "body"), [("amount", {"amount": -1}), ("at", {"amount": 1, "at": "tomorrow"})])
async def test_a_value_that_breaks_a_rule_is_named(shop: Shop, field: str, body: dict[str, Any]) -> None:
    answer = await shop.as_(POTTER).put("/v1/catalog/prices/MUG/BRL", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_wrong_type_is_named_by_its_path(shop: Shop) -> None:
    answer = await shop.as_(POTTER).put(f"{PATH}/BRL", json={"amount": "1"})
    assert answer.json()["detail"] == "Expected `int`, got `str` - at `amount`"
