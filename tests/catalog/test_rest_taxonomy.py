"""Categories, collections and product types over HTTP: the same behaviour for each."""

from typing import Any

import pytest

from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.rest import examples
from tests.catalog.selling import ADMIN, POTTER, Shop
from tests.catalog.shop import row

KINDS: dict[str, dict[str, Any]] = {
    "categories": {"title": {"en": "Mugs"}, "position": 3},
    "collections": examples.COLLECTION,
    "product-types": examples.PRODUCT_TYPE,
}
PATCH = {"Content-Type": "application/merge-patch+json"}
each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
async def test_one_is_made_read_changed_and_dropped(shop: Shop, kind: str) -> None:
    client, path = shop.as_(ADMIN), f"/v1/catalog/{kind}/mugs"
    first = await client.put(path, json=KINDS[kind])
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (201, '"1"', 1)
    read = await client.get(path)
    assert (read.json(), read.headers["etag"]) == (first.json(), '"1"')
    again = await client.put(path, json=first.json())
    assert (again.status_code, again.json()) == (200, first.json())
    patched = await client.patch(path, json={"title": {"fr": "Tasses"}}, headers=PATCH)
    assert patched.json()["title"] == KINDS[kind]["title"] | {"fr": "Tasses"}
    assert patched.headers["etag"] == '"2"'
    assert [one["version"] for one in (await client.get(f"/v1/catalog/{kind}")).json()["items"]] == [2]
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).status_code == 404


@each_kind
async def test_a_write_at_another_version_changes_nothing(shop: Shop, kind: str) -> None:
    client, path = shop.as_(ADMIN), f"/v1/catalog/{kind}/mugs"
    first = (await client.put(path, json=KINDS[kind], headers={"If-None-Match": "*"})).json()
    changed = first | {"title": {"en": "Other"}}
    for tag in ('"2"', 'W/"1"', '"7", "8"'):
        for answer in (
            await client.put(path, json=changed, headers={"If-Match": tag}),
            await client.patch(path, json={"title": {"en": "Other"}}, headers={**PATCH, "If-Match": tag}),
            await client.delete(path, headers={"If-Match": tag}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), answer.text
    refused = await client.put(path, json=changed, headers={"If-None-Match": "*"})
    assert refused.status_code == 412
    assert (await client.get(path)).json() == first
    assert (await client.put(path, json=changed, headers={"If-Match": '"1"'})).json()["version"] == 2
    assert (await client.delete(path, headers={"If-Match": '"2"'})).status_code == 204


@each_kind
async def test_what_is_unknown_or_wrong_is_refused_by_name(shop: Shop, kind: str) -> None:
    client, path = shop.as_(ADMIN), f"/v1/catalog/{kind}/mugs"
    unknown = await client.put(path, json=KINDS[kind] | {"colour": "red"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "shelf_invalid")
    assert "'colour'" in unknown.json()["detail"]
    wrong = await client.put(path, json=KINDS[kind] | {"title": 5})
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "title")
    assert (await client.get(path)).status_code == 404


async def test_a_category_below_itself_is_refused(shop: Shop) -> None:
    client = shop.as_(ADMIN)
    await client.put("/v1/catalog/categories/table", json={"title": "Mesa"})
    await client.put("/v1/catalog/categories/mugs", json={"title": "Canecas", "parent": "table"})
    cycle = await client.patch("/v1/catalog/categories/table", json={"parent": "mugs"}, headers=PATCH)
    assert (cycle.status_code, cycle.json()["code"]) == (409, "category_cycle")
    missing = await client.patch("/v1/catalog/categories/mugs", json={"parent": "none"}, headers=PATCH)
    assert (missing.status_code, missing.json()["code"]) == (404, "category_not_found")
    above = await client.delete("/v1/catalog/categories/table")
    assert (above.status_code, above.json()["code"]) == (409, "category_in_use")
    assert [one["slug"] for one in (await client.get("/v1/catalog/categories")).json()["items"]] == ["mugs", "table"]


async def test_a_seeded_category_is_changed_at_version_nought(shop: Shop, catalog: CatalogService) -> None:
    await catalog.upsert([row("mug", categories=["mesa"])])
    client = shop.as_(ADMIN)
    read = await client.get("/v1/catalog/categories/mesa")
    assert read.headers["etag"] == '"0"'
    refused = await client.put(
        "/v1/catalog/categories/mesa", json={"title": "Mesa posta"}, headers={"If-None-Match": "*"}
    )
    assert refused.status_code == 412
    changed = await client.put("/v1/catalog/categories/mesa", json={"title": "Mesa posta"}, headers={"If-Match": '"0"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 1)


async def test_a_type_in_use_is_not_dropped(shop: Shop) -> None:
    client = shop.as_(ADMIN)
    await client.put("/v1/catalog/product-types/mug", json={"title": "Caneca", "attributes": []})
    answer = await shop.as_(POTTER).post("/v1/catalog/products", json=row("mug", type="mug"))
    assert answer.status_code == 201, answer.text
    refused = await client.delete("/v1/catalog/product-types/mug")
    assert (refused.status_code, refused.json()["code"]) == (409, "product_type_in_use")
