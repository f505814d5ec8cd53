"""Promotions over HTTP: who keeps which, versions, keys, codes, and what is refused."""

import asyncio
from typing import Any

import httpx
import pytest

from renga.domains.pricing.contract import ALL_PRICING, OWN_PROMOTIONS, CodeBatchDraft, CouponUsed
from renga.platform.auth.principal import Principal
from tests.face_clients import FaceClients
from tests.pricing.house import ADMIN, BUYER, MANAGER, POTTER, WEAVER, House
from tests.pricing.shop import percent

#: One of each type of condition and action.
EVERYTHING: dict[str, Any] = {
    "name": "Everything",
    "codes": ["ALL"],
    "conditions": [
        {"type": "products", "products": ["p"]}, {"type": "variants", "skus": ["S"]},
        {"type": "collections", "collections": ["c"]}, {"type": "categories", "categories": ["k"], "exclude": True},
        {"type": "brands", "brands": ["b"]}, {"type": "attributes", "code": "colour", "values": ["blue", 3, True]},
        {"type": "quantity", "at_least": 2}, {"type": "subtotal", "at_least": {"BRL": 5000}, "when": "after_discounts"},
        {"type": "customer_groups", "groups": ["trade"]}, {"type": "first_order"},
        {"type": "channels", "channels": ["web"]}, {"type": "countries", "countries": ["BR"]},
        {"type": "currencies", "currencies": ["BRL"]}, {"type": "payment_methods", "methods": ["pix"]},
        {"type": "dates", "starts_at": "2026-11-27T00:00:00-03:00"}, {"type": "weekdays", "days": ["friday"]},
        {"type": "hours", "starts": "18:00", "ends": "06:00"},
    ],
    "actions": [
        {"type": "percent", "basis_points": 1000}, {"type": "amount", "amounts": {"BRL": 500}},
        {"type": "fixed_price", "amounts": {"BRL": 900}}, {"type": "buy_x_get_y", "buy": 2},
        {"type": "cheapest_free", "every": 3}, {"type": "tiers", "tiers": [{"quantity": 3, "basis_points": 500}]},
        {"type": "bundle_price", "parts": [{"sku": "S"}], "amounts": {"BRL": 800}}, {"type": "free_shipping"},
        {"type": "reduced_shipping", "basis_points": 5000}, {"type": "gift", "sku": "G"},
    ],
}  # fmt: skip


def promotion(**members: Any) -> dict[str, Any]:
    return {"name": "Sale", "actions": [percent(1000)], **members}


async def created(client: httpx.AsyncClient, **members: Any) -> dict[str, Any]:
    answer = await client.post("/v1/promotions", json=promotion(**members))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_every_type_of_condition_and_action_is_kept_as_it_was_sent(clients: FaceClients) -> None:
    admin = clients.as_(ADMIN)
    sent = await admin.post("/v1/promotions", json=EVERYTHING)
    assert sent.status_code == 201, sent.text
    assert sent.headers["location"] == f"/v1/promotions/{sent.json()['id']}"
    read = await admin.get(sent.headers["location"])
    assert (read.status_code, read.headers["etag"]) == (200, '"1"')
    assert read.json() == sent.json()
    kept = {**read.json()}
    for name in ("id", "version", "created_at", "updated_at"):
        kept.pop(name, None)
    assert kept == EVERYTHING


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"actions": []}, "actions"),
        ({"actions": [{"type": "percents", "basis_points": 1}]}, "actions[0].type"),
        ({"actions": [{"type": "percent", "basis_points": 10_001}]}, "actions[0].basis_points"),
        ({"conditions": [{"type": "brands", "brand": "b"}]}, "conditions[0].brand"),
        ({"group": "some"}, "group"),
        ({"limits": {"uses": 0}}, "limits.uses"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_what_json_says_wrongly_is_named(clients: FaceClients, members: dict[str, Any], field: str) -> None:
    answer = await clients.as_(ADMIN).post("/v1/promotions", json=promotion(**members))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text
    assert field in (answer.json().get("field") or answer.json()["detail"])


async def test_what_breaks_a_rule_is_named_all_at_once(clients: FaceClients, house: House) -> None:
    body = promotion(codes=["A", "a "], starts_at="2026-01-02T00:00:00Z", ends_at="2026-01-01T00:00:00Z")
    answer = await clients.as_(ADMIN).post("/v1/promotions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "promotion_invalid")
    assert [one["field"] for one in answer.json()["problems"]] == ["ends_at", "codes"]
    assert await house.pool.fetchval("SELECT count(*) FROM pricing.promotions") == 0


async def test_a_merchant_keeps_only_their_own_and_bears_them(clients: FaceClients) -> None:
    admin, potter, weaver = clients.as_(ADMIN), clients.as_(POTTER), clients.as_(WEAVER)
    own = await created(potter, funded_by="shop")
    assert (own["merchant"], own["funded_by"]) == ("pottery", "merchant")
    house_own = await created(admin)
    for foreign, client in ((house_own, potter), (own, weaver)):
        path = f"/v1/promotions/{foreign['id']}"
        for answer in (
            await client.get(path),
            await client.put(path, json=promotion()),
            await client.delete(path),
            await client.get(f"{path}/codes"),
        ):
            assert (answer.status_code, answer.json()["code"]) in (
                (404, "promotion_not_found"),
                (422, "promotion_invalid"),  # the weaver has two merchants and names none
            )
        assert (await admin.get(path)).json() == foreign
    assert [one["id"] for one in (await potter.get("/v1/promotions")).json()["items"]] == [own["id"]]
    assert (await weaver.get("/v1/promotions")).json()["items"] == []
    assert len((await admin.get("/v1/promotions")).json()["items"]) == 2


@pytest.mark.parametrize("merchant", [None, "pottery", "house"])
async def test_a_merchant_of_several_must_name_one_of_theirs(clients: FaceClients, merchant: str | None) -> None:
    answer = await clients.as_(WEAVER).post("/v1/promotions", json=promotion(merchant=merchant))
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "merchant")
    assert (await created(clients.as_(WEAVER), merchant="yarn"))["merchant"] == "yarn"


async def test_a_merchant_gives_away_only_what_they_sell(clients: FaceClients, house: House) -> None:
    await house.sell("POT", merchant="pottery")
    await house.sell("TEA", merchant="teas")
    for sku, status in (("POT", 201), ("TEA", 422), ("NOTHING", 422)):
        answer = await clients.as_(POTTER).post(
            "/v1/promotions", json=promotion(actions=[{"type": "gift", "sku": sku}])
        )
        assert answer.status_code == status, answer.text


async def test_without_the_scope_nothing_is_told(clients: FaceClients) -> None:
    taxes = Principal(subject="taxes", scopes=frozenset({ALL_PRICING}), kind="session")
    for who, status in ((None, 401), (BUYER, 403), (taxes, 403)):
        client = clients.as_(who)
        for answer in (await client.get("/v1/promotions"), await client.post("/v1/promotions", json=promotion())):
            assert answer.status_code == status
    promoter = Principal(subject="p", scopes=frozenset({OWN_PROMOTIONS}), kind="session")
    for path in ("/v1/pricing/taxes", "/v1/pricing/rules/web"):
        assert (await clients.as_(promoter).get(path)).status_code == 403


async def test_a_key_creates_once(clients: FaceClients) -> None:
    admin, key = clients.as_(ADMIN), {"idempotency-key": "k-1"}
    first = await admin.post("/v1/promotions", json=promotion(), headers=key)
    again = await admin.post("/v1/promotions", json=promotion(), headers=key)
    assert again.json() == first.json()
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    other = await admin.post("/v1/promotions", json=promotion(name="Other"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert (await clients.as_(POTTER).post("/v1/promotions", json=promotion(), headers=key)).status_code == 201
    assert len((await admin.get("/v1/promotions")).json()["items"]) == 2


async def test_versions_guard_writes(clients: FaceClients, house: House) -> None:
    admin = clients.as_(ADMIN)
    path = f"/v1/promotions/{(await created(admin))['id']}"
    changed = await admin.put(path, json=promotion(name="Two"), headers={"if-match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "Two")
    for late in (
        await admin.put(path, json=promotion(), headers={"if-match": '"1"'}),
        await admin.delete(path, headers={"if-match": '"1", "7"'}),
    ):
        assert (late.status_code, late.json()["version"]) == (412, 2)
    assert (await admin.get(path)).json()["name"] == "Two"
    assert (await admin.delete(path, headers={"if-match": '"2"'})).status_code == 204
    assert (await admin.get(path)).status_code == 404
    events = await house.events()
    assert [(event.sequence, event.data["removed"]) for event in events] == [(1, False), (2, False), (3, True)]


async def test_concurrent_writes_without_a_version_all_happen(clients: FaceClients, house: House) -> None:
    admin = clients.as_(ADMIN)
    path = f"/v1/promotions/{(await created(admin))['id']}"
    answers = await asyncio.gather(*(admin.put(path, json=promotion(name=f"N{n}")) for n in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4]


async def test_a_code_belongs_to_one_promotion(clients: FaceClients) -> None:
    admin = clients.as_(ADMIN)
    first = await created(admin, codes=["Verao"])
    for body in (promotion(codes=["VERAO"]), promotion(codes=["x", " verao "])):
        answer = await admin.post("/v1/promotions", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "coupon_code_taken")
    second = await created(admin, codes=["x"])
    moved = await admin.put(f"/v1/promotions/{second['id']}", json=promotion(codes=["verao"]))
    assert moved.status_code == 409
    assert (await admin.put(f"/v1/promotions/{first['id']}", json=promotion())).status_code == 200
    assert (await admin.put(f"/v1/promotions/{second['id']}", json=promotion(codes=["verao"]))).status_code == 200


async def test_pages_go_from_the_newest_to_the_oldest(clients: FaceClients) -> None:
    admin = clients.as_(ADMIN)
    names = [(await created(admin, name=f"P{n}"))["name"] for n in range(5)]
    found, cursor = [], ""
    for _ in range(3):
        page = (await admin.get(f"/v1/promotions?limit=2{cursor}")).json()
        found += [one["name"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (found, page["next"]) == (names[::-1], None)
    for bad, code in (
        ("cursor=x", "promotion_cursor_invalid"),
        ("limit=0", "invalid_request"),
        ("limit=101", "invalid_request"),
    ):
        answer = await admin.get(f"/v1/promotions?{bad}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_single_use_codes_are_made_listed_and_used_once(clients: FaceClients, house: House) -> None:
    admin = clients.as_(ADMIN)
    one = await created(admin, code_batches=True)
    path = f"/v1/promotions/{one['id']}/codes"
    made = await admin.post(path, json={"count": 300, "prefix": "VIP-"}, headers={"idempotency-key": "b"})
    again = await admin.post(path, json={"count": 300, "prefix": "VIP-"}, headers={"idempotency-key": "b"})
    assert (made.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, made.json(), "true")
    assert (await admin.get(path)).json() == {"items": [made.json()]}
    codes = (await admin.get(made.headers["location"])).json()["codes"]
    assert (len(set(codes)), {code[:4] for code in codes}, {len(code) for code in codes}) == (300, {"VIP-"}, {16})
    stored = await house.pool.fetch("SELECT * FROM pricing.single_use_codes LIMIT 1")
    assert not any(code.encode() in bytes(stored[0]["digest"]) for code in codes)
    other = await admin.post(path, json={"count": 1})
    assert (await admin.get(other.headers["location"])).json()["codes"][0] not in codes


async def test_a_code_is_for_one_checkout(house: House) -> None:
    coupon = await house.promote(percent(1000), code_batches=True)
    batch, _ = await house.pricing.make_codes(MANAGER, coupon.id, CodeBatchDraft(count=2))
    first, second = await house.pricing.codes(MANAGER, coupon.id, batch.id)
    await house.pricing.redeem(house.hold("a", coupon, code=first))
    with pytest.raises(CouponUsed):
        await house.pricing.redeem(house.hold("b", coupon, code=f" {first.lower()}"))
    await house.pricing.redeem(house.hold("b", coupon, code=second))
    await house.pricing.release("a")
    await house.pricing.redeem(house.hold("c", coupon, code=first))
    await house.pricing.commit("c")
    with pytest.raises(CouponUsed):
        await house.pricing.redeem(house.hold("d", coupon, code=first))


async def test_codes_need_a_promotion_for_them(clients: FaceClients) -> None:
    admin = clients.as_(ADMIN)
    one = await created(admin)
    path = f"/v1/promotions/{one['id']}/codes"
    assert (await admin.post(path, json={"count": 1})).json()["code"] == "promotion_invalid"
    for count in (0, 100_001):
        assert (await admin.post(path, json={"count": count})).status_code == 400
    assert (await admin.get(f"{path}/nothing")).json()["code"] == "code_batch_not_found"


@pytest.mark.parametrize("sku", ["", "x" * 101, "a\u200bb"])
async def test_a_gift_is_a_sku(clients: FaceClients, sku: str) -> None:
    body = promotion(actions=[{"type": "gift", "sku": sku}])
    for path in ("/v1/promotions", "/v1/promotions/dry-run", "/v1/promotions/conflicts"):
        answer = await clients.as_(ADMIN).post(path, json=body)
        assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "actions[0].sku")


async def test_whole_numbers_may_have_a_point_and_others_may_not(clients: FaceClients) -> None:
    admin = clients.as_(ADMIN)
    for number, status in (
        ("1000.0", 201),
        ("1e3", 201),
        ("1000.5", 400),
        ('"1000"', 400),
        ("true", 400),
        ("1e300", 400),
    ):
        body = f'{{"name": "x", "actions": [{{"type": "percent", "basis_points": {number}}}]}}'
        answer = await admin.post("/v1/promotions", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status, (number, answer.text)
        if status == 201:
            assert answer.json()["actions"] == [{"type": "percent", "basis_points": 1000}]
        else:
            assert answer.json()["field"] == "actions[0].basis_points"


@pytest.mark.parametrize(
    "members",
    [{"name": "a\0"}, {"codes": ["\0"]}, {"conditions": [{"type": "brands", "brands": ["b", "\0"]}]},
     {"limits": {"amount_max": {"\0": 1}}}],
)  # fmt: skip
async def test_a_text_that_the_database_does_not_keep_is_refused(clients: FaceClients, members: dict[str, Any]) -> None:
    answer = await clients.as_(ADMIN).post("/v1/promotions", json=promotion(**members))
    assert (answer.status_code, answer.json()["code"]) == (422, "unprocessable")
