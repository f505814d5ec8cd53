"""Merchants manage their own products over HTTP, at the version that they have read."""

import asyncio
from typing import Any

import asyncpg
import pytest

from renga.domains.catalog.local import CatalogService
from tests.catalog.selling import ADMIN, BAKER, BAKERY, BOTH, NOBODY, POTTER, POTTERY, SERVICE, Shop
from tests.catalog.shop import row, slugs_of

Pool = asyncpg.Pool
PATH = "/v1/catalog/products"
PATCH = {"Content-Type": "application/merge-patch+json"}


async def made(shop: Shop, slug: str = "mug", principal: Any = POTTER, **changed: Any) -> dict[str, Any]:
    answer = await shop.as_(principal).post(PATH, json=row(slug, **changed))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_product_is_created_with_its_place_and_version(shop: Shop, catalog: CatalogService) -> None:
    answer = await shop.as_(POTTER).post(PATH, json=row("mug", status="draft", brand="Riso"))
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{PATH}/mug"
    assert answer.headers["etag"] == '"1"'
    assert "no-store" in answer.headers["cache-control"]
    body = answer.json()
    assert (body["slug"], body["version"], body["status"], body["merchant"]) == ("mug", 1, "draft", POTTERY)
    assert body["variants"] == [{"sku": "MUG", "prices": {"BRL": 5990}}]
    assert (await shop.as_(POTTER).get(f"{PATH}/mug")).json() == body
    assert (await catalog.products()).items == ()


async def test_a_product_that_is_there_is_not_created_again(shop: Shop) -> None:
    first = await made(shop)
    answer = await shop.as_(POTTER).post(PATH, json=row("mug", brand="Other"))
    assert (answer.status_code, answer.json()["code"]) == (409, "product_slug_taken")
    assert (await shop.as_(POTTER).get(f"{PATH}/mug")).json() == first


async def test_the_same_key_makes_one_product(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    client, headers = shop.as_(POTTER), {"Idempotency-Key": "order-of-tuesday"}
    answers = await asyncio.gather(*(client.post(PATH, json=row("mug"), headers=headers) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers].count(None) == 1
    assert await slugs_of(pool) == ["mug"]
    other = await client.post(PATH, json=row("bowl"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    changed = await client.post(PATH, json=row("mug", brand="Riso"), headers=headers)
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_conflict")
    assert await slugs_of(pool) == ["mug"]


async def test_two_callers_may_choose_the_same_key(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    headers = {"Idempotency-Key": "1"}
    assert (await shop.as_(POTTER).post(PATH, json=row("mug"), headers=headers)).status_code == 201
    assert (await shop.as_(BAKER).post(PATH, json=row("bread"), headers=headers)).status_code == 201
    assert await slugs_of(pool) == ["mug", "bread"]


async def test_a_merchant_makes_no_categories(shop: Shop, catalog: CatalogService) -> None:
    client = shop.as_(POTTER)
    before = await made(shop)
    for answer in (
        await client.post(PATH, json=row("bowl", categories=["Spam"])),
        await client.put(f"{PATH}/mug", json=row("mug", categories=["Spam"])),
        await client.patch(f"{PATH}/mug", json={"categories": ["Spam"]}, headers=PATCH),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "product_invalid")
        assert answer.json()["problems"] == [
            {"field": "categories", "reason": "there is no category 'Spam' in this shop"}
        ]
    assert await catalog.categories() == ()
    assert (await client.get(f"{PATH}/mug")).json() == before
    await made(shop, "bowl", ADMIN, categories=["Canecas"], merchant=POTTERY)
    answer = await client.patch(f"{PATH}/mug", json={"categories": ["Canecas"]}, headers=PATCH)
    assert (answer.status_code, answer.json()["categories"]) == (200, ["canecas"])


async def test_a_row_is_put_back_as_it_was_read(shop: Shop) -> None:
    await made(shop, "bowl", ADMIN, categories=["Canecas"], merchant=POTTERY)
    body = await made(shop, brand="Riso", attributes={"volume": 350}, categories=["Canecas"])
    answer = await shop.as_(POTTER).put(f"{PATH}/mug", json=body)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json() == body


async def test_put_creates_once_and_then_replaces(shop: Shop) -> None:
    client = shop.as_(POTTER)
    answers = [await client.put(f"{PATH}/mug", json=row("mug", brand=brand)) for brand in ("A", "A", "B")]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert [answer.json()["version"] for answer in answers] == [1, 1, 2]
    only_new = {"If-None-Match": "*"}
    refused = await client.put(f"{PATH}/mug", json=row("mug", brand="C"), headers=only_new)
    assert (refused.status_code, refused.json()["code"], refused.json()["version"]) == (412, "precondition_failed", 2)
    assert (await client.put(f"{PATH}/bowl", json=row("bowl"), headers=only_new)).status_code == 201
    wrong = await client.put(f"{PATH}/cup", json=row("cup"), headers={"If-None-Match": '"1"'})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_request")
    assert (await client.get(f"{PATH}/mug")).json()["brand"] == "B"


@pytest.mark.parametrize("tag", ['"2"', '"0"', 'W/"1"', "1", '"01"', '"x"', '"2", "3"', ""])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_write_at_another_version_changes_nothing(shop: Shop, tag: str, method: str) -> None:
    before = await made(shop)
    client = shop.as_(POTTER)
    contents: dict[str, dict[str, Any]] = {
        "PUT": {"json": row("mug", brand="B")},
        "PATCH": {"json": {"brand": "B"}, "headers": PATCH},
        "DELETE": {},
    }
    content = contents[method]
    headers = content.pop("headers", {}) | {"If-Match": tag}
    answer = await client.request(method, f"{PATH}/mug", headers=headers, **content)
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), answer.text
    assert answer.json()["version"] == 1
    assert (await client.get(f"{PATH}/mug")).json() == before


@pytest.mark.parametrize("tag", ['"1"', "*", '"7", "1"'])
async def test_a_write_at_the_seen_version_is_made(shop: Shop, tag: str) -> None:
    await made(shop)
    answer = await shop.as_(POTTER).patch(f"{PATH}/mug", json={"brand": "B"}, headers={**PATCH, "If-Match": tag})
    assert (answer.status_code, answer.json()["brand"], answer.headers["etag"]) == (200, "B", '"2"')


async def test_of_two_who_saw_the_same_version_one_writes(shop: Shop) -> None:
    await made(shop)
    client, headers = shop.as_(POTTER), {**PATCH, "If-Match": '"1"'}
    answers = await asyncio.gather(
        *(client.patch(f"{PATH}/mug", json={"brand": brand}, headers=headers) for brand in "ABCDEF")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    assert (await client.get(f"{PATH}/mug")).json()["version"] == 2


async def test_a_patch_changes_what_it_names(shop: Shop) -> None:
    await made(shop, brand="Riso", attributes={"volume": 350, "care": "hand"})
    changes = {"title": {"en": "Big mug"}, "brand": None, "attributes": {"care": None, "weight": 2}}
    body = (await shop.as_(POTTER).patch(f"{PATH}/mug", json=changes, headers=PATCH)).json()
    assert body["title"] == {"pt-BR": "Título mug", "en": "Big mug"}
    assert body["attributes"] == {"volume": 350, "weight": 2}
    assert "brand" not in body
    assert body["variants"] == [{"sku": "MUG", "prices": {"BRL": 5990}}]


async def test_a_product_is_archived_and_comes_back(shop: Shop, catalog: CatalogService) -> None:
    await made(shop)
    client = shop.as_(POTTER)
    answer = await client.delete(f"{PATH}/mug")
    assert (answer.status_code, answer.json()["status"], answer.json()["channels"]) == (200, "archived", [])
    assert await catalog.offers(["MUG"]) == {}
    assert (await client.patch(f"{PATH}/mug", json={"status": "active"}, headers=PATCH)).json()["version"] == 3
    assert list(await catalog.offers(["MUG"])) == ["MUG"]


async def test_the_list_has_ones_own_products_in_any_state(shop: Shop) -> None:
    for number in range(5):
        await made(shop, f"mug-{number}", status="draft" if number % 2 else "active")
    await made(shop, "bread", BAKER)
    client = shop.as_(POTTER)
    first = (await client.get(PATH, params={"limit": 3})).json()
    assert [one["slug"] for one in first["items"]] == ["mug-4", "mug-3", "mug-2"]
    second = (await client.get(PATH, params={"limit": 3, "cursor": first["next"]})).json()
    assert ([one["slug"] for one in second["items"]], second["next"]) == (["mug-1", "mug-0"], None)
    drafts = (await client.get(PATH, params={"status": "draft"})).json()
    assert [one["slug"] for one in drafts["items"]] == ["mug-3", "mug-1"]
    wrong = await client.get(PATH, params={"status": "draft", "cursor": first["next"]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "cursor_invalid")
    assert len((await shop.as_(ADMIN).get(PATH)).json()["items"]) == 6
    assert (await shop.as_(NOBODY).get(PATH)).json() == {"items": [], "next": None}


@pytest.mark.parametrize("stranger", [BAKER, NOBODY])
async def test_another_merchants_product_does_not_exist(shop: Shop, stranger: Any) -> None:
    before = await made(shop)
    client = shop.as_(stranger)
    answers = [
        await client.get(f"{PATH}/mug"),
        await client.put(f"{PATH}/mug", json=row("mug", brand="Stolen")),
        await client.put(f"{PATH}/mug", json=row("mug", brand="Stolen"), headers={"If-Match": '"1"'}),
        await client.patch(f"{PATH}/mug", json={"brand": "Stolen"}, headers=PATCH),
        await client.delete(f"{PATH}/mug"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "product_not_found")] * 5
    price = await client.put("/v1/catalog/prices/MUG/BRL", json={"amount": 1})
    assert (price.status_code, price.json()["code"]) == (404, "sku_not_found")
    assert (await shop.as_(POTTER).get(f"{PATH}/mug")).json() == before


async def test_a_product_is_not_given_to_a_merchant_that_is_not_ones_own(shop: Shop) -> None:
    before = await made(shop)
    client = shop.as_(POTTER)
    for answer in (
        await client.post(PATH, json=row("bowl", merchant=BAKERY)),
        await client.patch(f"{PATH}/mug", json={"merchant": BAKERY}, headers=PATCH),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "product_invalid")
        assert answer.json()["problems"][0]["field"] == "merchant"
    assert (await client.get(f"{PATH}/mug")).json() == before


async def test_who_writes_for_several_names_the_merchant(shop: Shop) -> None:
    for principal in (BOTH, ADMIN, SERVICE):
        answer = await shop.as_(principal).post(PATH, json=row("mug"))
        assert (answer.status_code, answer.json()["code"]) == (422, "product_invalid"), principal.subject
        assert answer.json()["problems"] == [
            {"field": "merchant", "reason": "is missing: a new product belongs to a merchant"}
        ]
    for number, principal in enumerate((BOTH, ADMIN, SERVICE)):
        assert (await made(shop, f"mug-{number}", principal, merchant=BAKERY))["merchant"] == BAKERY


async def test_unknown_members_are_refused_by_name(shop: Shop, pool: "Pool[asyncpg.Record]") -> None:
    client = shop.as_(POTTER)
    answer = await client.post(PATH, json=row("mug", prize=5, colour="red"))
    assert (answer.status_code, answer.json()["code"]) == (422, "product_invalid")
    assert [one["field"] for one in answer.json()["problems"]] == ["colour", "prize"]
    inner = await client.post(PATH, json=row("mug", variants=[{"sku": "A", "stock": 4}]))
    assert inner.status_code == 422
    assert "'stock'" in inner.json()["problems"][0]["reason"]
    assert await slugs_of(pool) == []


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 400, "invalid_request"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400, "invalid_json"),
        (b'{"slug": "\xff"}', "application/json", 400, "invalid_json"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"{}", "application/merge-patch+json", 415, "unsupported_media_type"),
        (b"{}", "application/json", 422, "product_invalid"),
        (b'{"slug": 5, "title": [], "variants": {}}', "application/json", 422, "product_invalid"),
        (b"x" * (2 << 20), "application/json", 413, "too_large"),
    ],
)
async def test_bodies_that_are_none_are_refused(
    shop: Shop, pool: "Pool[asyncpg.Record]", content: bytes, kind: str, status: int, code: str
) -> None:
    answer = await shop.as_(POTTER).post(PATH, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await slugs_of(pool) == []


async def test_a_guest_is_refused(shop: Shop) -> None:
    assert (await shop.as_(None).get(PATH)).status_code == 401


@pytest.mark.parametrize("slug", ["a\0b", "Ç", "x" * 150, "..", "%00"])
async def test_a_name_that_is_none_is_not_found(shop: Shop, slug: str) -> None:
    answer = await shop.as_(POTTER).get(f"{PATH}/{slug.replace(chr(0), '%00')}")
    assert answer.status_code == 404
