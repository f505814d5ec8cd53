"""What a merchant pays is seen by the merchant and the shop's managers only."""

from typing import Any

import msgspec
import pytest

from renga.domains.catalog.cached import CachedCatalog, CachedCatalogAnswer, size_of
from renga.domains.catalog.contract import Measure
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.views import product_view
from renga.kernel.clock import ManualClock
from renga.platform.cache.factory import make_cache
from renga.platform.cache.settings import CacheSettings
from tests.catalog.selling import ADMIN, BAKER, NOBODY, POTTER, POTTERY, SERVICE, Shop
from tests.catalog.shop import events_of, row

AMOUNT = 1777123
PRODUCTS = "/v1/catalog/products"
PATCH = {"Content-Type": "application/merge-patch+json"}
MUG = row(
    merchant=POTTERY,
    tax_code="69120000",
    variants=[
        {"sku": "MUG", "prices": {"BRL": 5990}, "cost": {"BRL": AMOUNT}, "measure": {"amount": 1, "unit": "piece"}},
        {"sku": "MUG-2", "prices": {"BRL": 9990}},
    ],
)


@pytest.fixture
async def sold(shop: Shop) -> dict[str, Any]:
    answer = await shop.as_(POTTER).post(PRODUCTS, json=MUG)
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    return product


async def test_its_merchant_and_managers_see_it_and_another_merchant_does_not(shop: Shop, sold: dict[str, Any]) -> None:
    for who in (POTTER, ADMIN, SERVICE):
        seen = await shop.as_(who).get(f"{PRODUCTS}/mug")
        assert seen.json()["variants"][0]["cost"] == {"BRL": AMOUNT}
        assert (seen.json()["tax_code"], seen.json()["variants"][0]["measure"]) == (
            "69120000",
            {"amount": 1, "unit": "piece"},
        )
        listed = await shop.as_(who).get(PRODUCTS)
        assert str(AMOUNT) in listed.text
        assert str(AMOUNT) in (await shop.as_(who).get("/v1/catalog/export?format=jsonl")).text
    for stranger in (BAKER, NOBODY, None):
        for path in (PRODUCTS, f"{PRODUCTS}/mug", "/v1/catalog/export?format=jsonl"):
            assert str(AMOUNT) not in (await shop.as_(stranger).get(path)).text


async def test_a_patch_changes_and_removes_what_it_names(shop: Shop, sold: dict[str, Any]) -> None:
    potter = shop.as_(POTTER)
    kept = (await potter.patch(f"{PRODUCTS}/mug", json={"brand": "Olaria"}, headers=PATCH)).json()
    assert (kept["tax_code"], kept["variants"]) == ("69120000", sold["variants"])
    other = (await potter.patch(f"{PRODUCTS}/mug", json={"tax_code": "6912.00.00"}, headers=PATCH)).json()
    assert (other["tax_code"], other["version"]) == ("6912.00.00", 3)
    variants = [{**sold["variants"][0], "cost": {"BRL": 1}, "measure": {"amount": 2.5, "unit": "l"}}]
    changed = (
        await potter.patch(f"{PRODUCTS}/mug", json={"tax_code": None, "variants": variants}, headers=PATCH)
    ).json()
    assert "tax_code" not in changed
    assert changed["variants"][0] == variants[0]
    refused = await potter.patch(f"{PRODUCTS}/mug", json={"tax_code": "so many words"}, headers=PATCH)
    assert (refused.status_code, refused.json()["code"]) == (422, "product_invalid")


@pytest.mark.parametrize("name", ["google", "shopify"])
async def test_no_feed_has_it(shop: Shop, sold: dict[str, Any], name: str) -> None:
    feed = await shop.as_(POTTER).get(f"/v1/catalog/export?format={name}&currency=BRL")
    assert "MUG" in feed.text
    assert not any(told in feed.text for told in (str(AMOUNT), "17771.23"))


async def test_reads_of_other_domains_do_not_have_it_except_offers(
    shop: Shop, sold: dict[str, Any], catalog: CatalogService
) -> None:
    products = [
        await catalog.product("mug"),
        *(await catalog.products()).items,
        *(await catalog.products_by_id([sold["id"]])).values(),
        *(await catalog.products_by_sku(["MUG"])).values(),
        *(await catalog.products_by_slug(["mug"])).values(),
        *(await catalog.scan())[0],
    ]
    assert len(products) == 6
    for product in products:
        _check_silent(product)
        _check_silent(product_view(product, ("en",)))
        assert product.tax_code == "69120000"
        assert product.variants[0].measure == Measure(amount=1, unit="piece")
    assert (await catalog.offers(["MUG"]))["MUG"].cost == {"BRL": AMOUNT}


async def test_a_collection_does_not_have_it(shop: Shop, sold: dict[str, Any], catalog: CatalogService) -> None:
    put = {"title": "All", "products": ["mug"]}
    assert (await shop.as_(ADMIN).put("/v1/catalog/collections/all", json=put)).status_code in (200, 201)
    (product,) = (await catalog.products(collection="all")).items
    _check_silent(product)


async def test_no_cache_has_it(shop: Shop, sold: dict[str, Any], catalog: CatalogService, clock: ManualClock) -> None:
    settings = CacheSettings(fresh_ms=10_000, stale_ms=60_000, absent_ms=2_000)
    cache = make_cache("catalog", CachedCatalogAnswer, settings, clock, None, size_of=size_of)
    cached = CachedCatalog(catalog, cache)
    for _ in range(2):
        _check_silent(await cached.offers(["MUG"]))
        _check_silent(await cached.products_by_sku(["MUG"]))
        _check_silent(await cached.products())
    assert (await cached.offers(["MUG"]))["MUG"].tax_code == "69120000"


async def test_no_event_has_it(shop: Shop, sold: dict[str, Any], pool: Any) -> None:
    await shop.as_(POTTER).patch(f"{PRODUCTS}/mug", json={"status": "archived"}, headers=PATCH)
    events = await events_of(pool)
    assert {event.subject for event in events} == {sold["id"]}
    _check_silent(events)


async def test_only_the_catalogues_own_tables_have_it(shop: Shop, sold: dict[str, Any], pool: Any) -> None:
    tables = await pool.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    assert len(tables) > 10
    having = [
        name
        for (name,) in tables
        if await pool.fetchval(f"SELECT count(*) FROM {name} AS t WHERE t::text LIKE '%{AMOUNT}%'")
    ]
    assert {name.partition(".")[0] for name in having} == {"catalog"}
    assert "catalog.outbox" not in having


def _check_silent(value: Any) -> None:
    told = msgspec.json.encode(value).decode()
    assert len(told) > 20
    assert "cost" not in told
    assert str(AMOUNT) not in told
