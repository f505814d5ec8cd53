"""A product has prices for the shop's customer groups and for those of its own merchant, over every face."""

from typing import Any

import pytest

from renga.kernel.group_codes import merchant_group
from tests.catalog.selling import ADMIN, BAKERY, POTTER, POTTERY, Shop, ndjson, outcomes
from tests.catalog.shop import row

PATH = "/v1/catalog/products"
OWN, FOREIGN = merchant_group(POTTERY, "cafes"), merchant_group(BAKERY, "cafes")


def priced(*groups: str) -> list[dict[str, Any]]:
    listed = [{"currency": "BRL", "amount": 10, "group": group} for group in groups]
    return [{"sku": "MUG", "prices": {"BRL": 20}, "price_list": listed}]


async def test_prices_for_own_groups_and_those_of_the_shop(shop: Shop) -> None:
    answer = await shop.as_(POTTER).post(PATH, json=row(variants=priced("trade", OWN)))
    assert answer.status_code == 201, answer.text
    assert [one["group"] for one in answer.json()["variants"][0]["price_list"]] == ["trade", OWN]


@pytest.mark.parametrize("group", [FOREIGN, "0123456789ab--none"])
async def test_a_price_for_the_group_of_another_merchant_is_refused(shop: Shop, group: str) -> None:
    client = shop.as_(POTTER)
    assert (await client.post(PATH, json=row(variants=priced("trade")))).status_code == 201
    wanted: dict[str, Any] = {"variants": priced("trade", group)}
    patch = {"Content-Type": "application/merge-patch+json"}
    admins = row("bowl", merchant=POTTERY, variants=[priced(group)[0] | {"sku": "BOWL"}])
    for answer in (
        await client.put(f"{PATH}/mug", json=row(**wanted)),
        await client.patch(f"{PATH}/mug", json=wanted, headers=patch),
        await shop.as_(ADMIN).post(PATH, json=admins),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "product_invalid"), answer.text
        assert answer.json()["problems"][0]["field"].startswith("variants[0].price_list[")
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await client.post("/v1/catalog/bulk", content=ndjson(row(**wanted)), headers=headers)
    outcome = outcomes(answer)[0]
    assert (outcome["status"], outcome["code"]) == ("failed", "product_invalid")
    assert (await client.get(f"{PATH}/mug")).json()["version"] == 1


async def test_a_product_moves_to_another_merchant_without_the_prices_of_its_merchants_groups(shop: Shop) -> None:
    await shop.as_(POTTER).post(PATH, json=row(variants=priced("trade", OWN)))
    moved = await shop.as_(ADMIN).put(f"{PATH}/mug", json=row(merchant=BAKERY, variants=priced("trade", OWN)))
    assert moved.status_code == 422
    moved = await shop.as_(ADMIN).put(f"{PATH}/mug", json=row(merchant=BAKERY, variants=priced("trade")))
    assert (moved.status_code, moved.json()["merchant"]) == (200, BAKERY)
