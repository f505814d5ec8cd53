"""The shop as users run it, with its catalogue in MongoDB: seeded, listed, repriced, examined, migrated."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from tests.engines.registry import Registry
from tests.flows.shop import Shop
from tests.support import eventually


@pytest.fixture(scope="module")
def catalogue(engines: Registry) -> Iterator[Any]:
    engines.require("secantusdb")
    server = engines.start_private("secantusdb")
    yield server
    server.discard()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, catalogue: Any) -> Iterator[Shop]:
    running = Shop(tmp_path_factory.mktemp("shop"), RENGA_CATALOG_STORE=f"{catalogue.url}/renga")
    try:
        running.start()
        yield running
        status, left = running.stop()
        assert (status, left) == (0, [])
    finally:
        running.kill()


@pytest.fixture(autouse=True)
def _counted(engines: Registry, catalogue: Any, request: pytest.FixtureRequest) -> None:
    engines.used("secantusdb", request.node.nodeid, catalogue.version)


def lamp(shop: Shop, folder: Path, amount: int) -> None:
    row = {"slug": "flow-lamp", "title": {"en": "Lamp"}, "variants": [{"sku": "FLOW-LAMP", "prices": {"BRL": amount}}]}
    file = folder / "lamp.jsonl"
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = shop.run("import", str(file))
    assert done.returncode == 0, done.stderr


async def test_the_demo_is_seeded_and_listed(shop: Shop, catalogue: Any) -> None:
    async with httpx.AsyncClient(base_url=shop.url) as client:

        async def get(path: str, **query: Any) -> Any:
            return (await client.get(path, params=query)).json()

        page = await get("/v1/products", limit=3)
        newest, taxonomy = await _stored(catalogue.url)
        assert [item["slug"] for item in page["items"]] == newest[:3]
        following = await get("/v1/products", limit=3, cursor=page["next"])
        assert [item["slug"] for item in following["items"]] == newest[3:6]
        first = page["items"][0]
        in_shelf = (await get("/v1/products", category=first["categories"][0]))["items"]
        assert first["slug"] in {item["slug"] for item in in_shelf}
        assert await get(f"/v1/products/{first['slug']}") == first
        assert sorted(item["slug"] for item in (await get("/v1/categories"))["items"]) == taxonomy
        ready = await get("/readyz")
        assert (ready["status"], ready["engines"]["catalog_store"]) == ("ok", "ok")


async def _stored(url: str) -> tuple[list[str], list[str]]:
    """The slugs of products, newest first, and of categories that really are in MongoDB."""
    async with AsyncMongoClient[dict[str, Any]](url) as mongo:
        products = await mongo["renga"]["products"].find().sort("position", -1).to_list()
        categories = await mongo["renga"]["categories"].find().sort("_id").to_list()
    return [row["slug"] for row in products], [row["_id"] for row in categories]


async def test_a_price_change_reaches_the_offers_of_a_cart(shop: Shop, tmp_path: Path) -> None:
    lamp(shop, tmp_path, 9_900)
    async with httpx.AsyncClient(base_url=shop.url) as client:
        cart_id = (await client.post("/v1/carts", json={"currency": "BRL"})).json()["id"]
        added = await client.post(f"/v1/carts/{cart_id}/lines", json={"sku": "FLOW-LAMP"})
        assert added.json()["lines"][0]["price_moved"] is False
        lamp(shop, tmp_path, 12_900)

        async def has_moved() -> bool:
            return bool((await client.get(f"/v1/carts/{cart_id}")).json()["lines"][0]["price_moved"])

        await eventually(has_moved)
        line = (await client.get(f"/v1/carts/{cart_id}")).json()["lines"][0]
        assert (line["unit_price"]["amount"], line["current_price"]["amount"]) == (9_900, 12_900)


def test_the_doctor_examines_it_and_migrate_makes_its_indexes_again(shop: Shop) -> None:
    done = shop.run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAIL" not in done.stdout
    said = [line.split() for line in done.stdout.splitlines() if "mongodb" in line]
    assert [words[:4] for words in said] == [
        ["ok", "mongodb", "MongoDB", "8.2.11"],
        ["ok", "mongodb", "transactions", "yes:"],
    ]
    migrated = shop.run("migrate")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert migrated.stdout == "0 migrations run; the database is up to date\n"
