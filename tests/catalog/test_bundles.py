"""A merchant's bundle holds skus of that merchant alone, over every face; an administrator's choice stays."""

from typing import Any

import pytest

from renga.domains.catalog.contract import BundlePartForeign
from renga.domains.catalog.local import CatalogService
from tests.catalog.callers import seller
from tests.catalog.selling import ADMIN, BAKER, BAKERY, BOTH, POTTER, POTTERY, SERVICE, Shop, ndjson, outcomes
from tests.catalog.shop import row

PATH = "/v1/catalog/products"
PATCH = {"Content-Type": "application/merge-patch+json"}
FOREIGN = "bundle_part_foreign"


def bundle(*skus: str, sku: str = "SET", quantity: int = 1) -> list[dict[str, Any]]:
    """The variants of a product that is a bundle, for one centavo."""
    return [{"sku": sku, "prices": {"BRL": 1}, "bundle": [{"sku": part, "quantity": quantity} for part in skus]}]


@pytest.fixture
async def stocked(shop: Shop) -> Shop:
    """The potter has MUG and BOWL, the baker BREAD and CAKE."""
    for principal, slugs in ((POTTER, ("mug", "bowl")), (BAKER, ("bread", "cake"))):
        for slug in slugs:
            assert (await shop.as_(principal).post(PATH, json=row(slug))).status_code == 201
    return shop


async def bulk(shop: Shop, principal: Any, *rows: Any) -> list[dict[str, Any]]:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await shop.as_(principal).post("/v1/catalog/bulk", content=ndjson(*rows), headers=headers)
    assert answer.status_code == 200, answer.text
    return outcomes(answer)


def fields(answer: Any) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (422, FOREIGN), answer.text
    return [problem["field"] for problem in answer.json()["problems"]]


async def made(shop: Shop, *skus: str, principal: Any = POTTER, **more: Any) -> Any:
    answer = await shop.as_(principal).post(PATH, json=row("set", variants=bundle(*skus), **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("foreign", ["BREAD", "CAKE", "THERE-IS-NONE", "bread"])
async def test_a_sku_of_another_merchant_and_one_that_is_not_there_are_refused_alike(
    stocked: Shop, foreign: str
) -> None:
    client = stocked.as_(POTTER)
    variants = bundle("MUG", foreign, "BOWL")
    answers = [
        await client.post(PATH, json=row("set", variants=variants)),
        await client.post(PATH, json=row("set", variants=variants), headers={"Idempotency-Key": "set"}),
        await client.put(f"{PATH}/set", json=row("set", variants=variants)),
        await client.put(f"{PATH}/mug", json=row("mug", variants=bundle(foreign, "BOWL", foreign[::-1], sku="MUG"))),
        await client.patch(f"{PATH}/mug", json={"variants": bundle("BOWL", foreign, sku="MUG")}, headers=PATCH),
    ]
    wanted = [["variants[0].bundle[1].sku"]] * 3
    wanted += [["variants[0].bundle[0].sku", "variants[0].bundle[2].sku"], ["variants[0].bundle[1].sku"]]
    assert [fields(answer) for answer in answers] == wanted
    assert {answer.json()["problems"][0]["reason"] for answer in answers} == {
        f"{foreign!r} is no sku of this merchant's products"
    }
    assert (await client.get(f"{PATH}/set")).status_code == 404
    assert (await client.get(f"{PATH}/mug")).json()["version"] == 1


async def test_own_skus_make_a_bundle_also_those_of_the_same_product(stocked: Shop) -> None:
    variants = [{"sku": "LID", "prices": {"BRL": 5}}, *bundle("MUG", "BOWL", "LID")]
    answer = await stocked.as_(POTTER).post(PATH, json=row("set", variants=variants))
    assert answer.status_code == 201, answer.text
    assert [part["sku"] for part in answer.json()["variants"][1]["bundle"]] == ["MUG", "BOWL", "LID"]


async def test_who_works_for_two_merchants_does_not_mix_them(stocked: Shop) -> None:
    client = stocked.as_(BOTH)
    for merchant, own, other in ((POTTERY, "MUG", "BREAD"), (BAKERY, "CAKE", "BOWL")):
        slug = f"set-{own.lower()}"
        mixed = row(slug, merchant=merchant, variants=bundle(own, other, sku=slug))
        assert fields(await client.post(PATH, json=mixed)) == ["variants[0].bundle[1].sku"]
        own_only = row(slug, merchant=merchant, variants=bundle(own, sku=slug))
        assert (await client.post(PATH, json=own_only)).status_code == 201


@pytest.mark.parametrize("principal", [ADMIN, SERVICE])
async def test_an_administrator_and_a_service_of_the_shop_bundle_anything(stocked: Shop, principal: Any) -> None:
    await made(stocked, "MUG", "BREAD", "NOT-YET", principal=principal, merchant=POTTERY)


async def test_what_an_administrator_put_into_a_bundle_stays_as_it_is(stocked: Shop) -> None:
    await made(stocked, "MUG", "BREAD", principal=ADMIN, merchant=POTTERY)
    client = stocked.as_(POTTER)
    assert (await client.patch(f"{PATH}/set", json={"brand": "Riso"}, headers=PATCH)).status_code == 200
    kept = bundle("BREAD", "MUG", "BOWL")
    assert (await client.patch(f"{PATH}/set", json={"variants": kept}, headers=PATCH)).status_code == 200
    for variants in (
        bundle("BREAD", quantity=2),
        bundle("BREAD", sku="SET-2"),
        bundle("CAKE"),
    ):
        assert fields(await client.patch(f"{PATH}/set", json={"variants": variants}, headers=PATCH))
    assert (await client.patch(f"{PATH}/set", json={"variants": bundle("MUG")}, headers=PATCH)).status_code == 200
    assert fields(await client.patch(f"{PATH}/set", json={"variants": kept}, headers=PATCH))  # gone is gone


async def test_a_bundle_that_moves_to_another_merchant_holds_foreign_skus_and_does_not_move(stocked: Shop) -> None:
    await made(stocked, "MUG")
    client = stocked.as_(BOTH)
    for changes in ({"merchant": BAKERY}, {"merchant": BAKERY, "variants": bundle("MUG", "CAKE")}):
        assert fields(await client.patch(f"{PATH}/set", json=changes, headers=PATCH)) == ["variants[0].bundle[0].sku"]
    lines = await bulk(stocked, BOTH, row("set", merchant=BAKERY, variants=bundle("MUG")))
    assert lines[0]["code"] == FOREIGN
    moved = {"merchant": BAKERY, "variants": bundle("CAKE")}
    assert (await client.patch(f"{PATH}/set", json=moved, headers=PATCH)).json()["merchant"] == BAKERY


async def test_a_part_that_moved_to_another_merchant_is_no_new_part_for_the_first(stocked: Shop) -> None:
    moved = await stocked.as_(BOTH).patch(f"{PATH}/bowl", json={"merchant": BAKERY}, headers=PATCH)
    assert moved.status_code == 200
    variants = bundle("MUG", "BOWL")
    assert fields(await stocked.as_(POTTER).post(PATH, json=row("set", variants=variants))) == [
        "variants[0].bundle[1].sku"
    ]


async def test_bulk_refuses_the_row_and_writes_the_others(stocked: Shop) -> None:
    lines = await bulk(
        stocked,
        POTTER,
        row("set", variants=bundle("MUG", "BREAD", "NOWHERE")),
        row("jug"),
        row("set-2", variants=bundle("JUG", "MUG", sku="SET-2")),  # JUG is two lines above
        row("mug", variants=bundle("CAKE", sku="MUG")),
    )
    assert [(line.get("status"), line.get("code")) for line in lines[:4]] == [
        ("failed", FOREIGN),
        ("created", None),
        ("created", None),
        ("failed", FOREIGN),
    ]
    assert [problem["field"] for problem in lines[0]["problems"]] == [
        "variants[0].bundle[1].sku",
        "variants[0].bundle[2].sku",
    ]
    for principal, status in ((BAKER, "failed"), (ADMIN, "created")):
        feast = row("feast", merchant=BAKERY, variants=bundle("MUG", "BREAD", sku="FEAST"))
        assert (await bulk(stocked, principal, feast))[0]["status"] == status


async def test_bulk_keeps_what_an_administrator_put_into_a_bundle(stocked: Shop) -> None:
    await made(stocked, "MUG", "BREAD", principal=ADMIN, merchant=POTTERY)
    kept = row("set", brand="Riso", variants=bundle("MUG", "BREAD"))
    assert (await bulk(stocked, POTTER, kept))[0]["status"] == "changed"
    more = row("set", brand="Riso", variants=bundle("MUG", "BREAD", quantity=9))
    assert (await bulk(stocked, POTTER, more))[0]["code"] == FOREIGN


async def test_the_rule_is_the_contracts_and_prices_and_archives_are_not_its_matter(catalog: CatalogService) -> None:
    potter = seller(frozenset({POTTERY}))
    await catalog.upsert([row("bread", merchant=BAKERY), row("set", merchant=POTTERY, variants=bundle("BREAD"))])
    with pytest.raises(BundlePartForeign):
        await catalog.create_product(potter, row("set-2", variants=bundle("BREAD", sku="SET-2")))
    assert (await catalog.archive_product(potter, "set")).status == "archived"
