"""The endpoints of placing and of orders: statuses, bodies, headers, who may see what."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from renga.domains.orders.rest.receipt_page import receipt_page
from renga.kernel.caller import Caller
from tests.face_clients import FaceClients
from tests.orders.counter import ANA, BOB, SERVICE, principal
from tests.orders.shop import Shop

POTTER = Caller("potter", frozenset({"orders:sold"}), frozenset({"pottery"}))


async def body_of(shop: Shop, **said: Any) -> tuple[str, dict[str, Any]]:
    checkout = await shop.ready({"MUG": 1}, **said)
    return f"/v1/checkouts/{checkout.id}/place", {"quote_id": checkout.quote.id, "payment": {"token": "tok_1"}}


async def test_a_key_is_required_and_fifty_calls_get_equal_answers(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG")
    path, body = await body_of(shop)
    client = http.as_(None)
    missing = await client.post(path, json=body)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_required")
    assert await shop.count("attempts") == 0
    made = await asyncio.gather(*(client.post(path, json=body, headers={"idempotency-key": "k"}) for _ in range(50)))
    assert {one.status_code for one in made} == {201}, made[0].text
    assert len({one.content for one in made}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in made) == 1
    order = made[0].json()
    assert made[0].headers["location"] == f"/v1/orders/{order['id']}"
    assert (order["state"], order["total"]) == ("paid", {"amount": 6990, "currency": "BRL"})
    assert sum(one["amount"]["amount"] for one in order["totals"] if one["type"] != "total") == 6990
    read = await client.get(f"/v1/orders/{order['id']}")
    assert (read.status_code, read.json()) == (200, order)
    other = await client.post(path, json={**body, "payment": {"token": "tok_2"}}, headers={"idempotency-key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    gone = await client.post(path, json=body, headers={"idempotency-key": "l"})
    assert (gone.status_code, gone.json()["code"]) == (409, "checkout_ended")


async def test_refusals_have_their_status_code_and_reason(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG", quantity=1)
    path, body = await body_of(shop)
    client = http.as_(None)
    shop.provider.script("authorise", "refuse", reason="expired_card")
    declined = await client.post(path, json=body, headers={"idempotency-key": "a"})
    assert (declined.status_code, declined.json()["code"], declined.json()["reason"]) == (
        402, "payment_declined", "expired_card",
    )  # fmt: skip
    stale = await client.post(path, json={**body, "quote_id": "another"}, headers={"idempotency-key": "b"})
    assert (stale.status_code, stale.json()["code"], stale.json()["quote"]["id"]) == (
        409,
        "quote_changed",
        body["quote_id"],
    )
    await shop.bought({"MUG": 1})
    short = await client.post(path, json=body, headers={"idempotency-key": "c"})
    assert (short.status_code, short.json()["code"]) == (409, "out_of_stock")
    assert short.json()["left"] == [{"sku": "MUG", "wanted": 1, "available": 0}]
    lost = await client.post("/v1/checkouts/nothing/place", json=body, headers={"idempotency-key": "d"})
    assert (lost.status_code, lost.json()["code"]) == (404, "checkout_not_found")
    empty = await client.post(path, json={"quote_id": body["quote_id"]}, headers={"idempotency-key": "e"})
    assert (empty.status_code, empty.json()["code"]) == (422, "checkout_incomplete")
    wrong = await client.post(path, json={**body, "more": 1}, headers={"idempotency-key": "f"})
    assert wrong.status_code == 400
    assert await shop.count("orders") == 1


async def test_pix_and_challenge_are_accepted(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG")
    client = http.as_(None)
    path, body = await body_of(shop, payment={"method": "pix"})
    pix = await client.post(path, json={"quote_id": body["quote_id"]}, headers={"idempotency-key": "a"})
    assert (pix.status_code, pix.json()["state"]) == (202, "awaiting_payment")
    assert set(pix.json()["payment"]["pix"]) >= {"id", "payload", "expires_at", "qr_svg_url"}
    shop.provider.script("authorise", "action_needed")
    path, body = await body_of(shop)
    asked = await client.post(path, json=body, headers={"idempotency-key": "b"})
    assert (asked.status_code, asked.json()["state"]) == (202, "action_required")
    assert asked.json()["url"] == "https://sim.example/3ds/sim_2"
    shop.provider.change("sim_2", state="authorised", action=None)
    await shop.hears("sim_2")
    done = await client.post(path.replace("/place", "/confirm"))
    assert (done.status_code, done.json()["state"]) == (201, "paid")
    path, body = await body_of(shop)
    headers = {"idempotency-key": "c", "prefer": "respond-async"}
    begun = await client.post(path, json=body, headers=headers)
    assert (begun.status_code, begun.json()["state"], begun.headers["retry-after"]) == (202, "processing", "1")
    await shop.work()
    assert (await client.post(path, json=body, headers=headers)).status_code == 201


async def test_who_sees_an_order(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG")
    await shop.stocked("POT", 3000, merchant="pottery")
    guests = await shop.bought({"MUG": 1, "POT": 1})
    anas = await shop.bought({"MUG": 1}, ANA)
    statuses = {}
    for name, caller in {"guest": None, "ana": ANA, "bob": BOB, "service": SERVICE, "potter": POTTER}.items():
        client = http.as_(None if caller is None else principal_of(caller))
        for which, order in (("guest's", guests), ("ana's", anas)):
            statuses[name, which] = (await client.get(f"/v1/orders/{order.id}")).status_code
    assert {key for key, status in statuses.items() if status != 200} == {
        ("guest", "ana's"), ("bob", "ana's"), ("potter", "ana's"),
    }  # fmt: skip
    assert set(statuses.values()) == {200, 404}
    part = (await http.as_(principal_of(POTTER)).get(f"/v1/orders/{guests.id}")).json()
    assert ([one["sku"] for one in part["lines"]], part["total"]["amount"]) == (["POT"], 3000)
    assert [one["merchant"] for one in part["parts"]] == ["pottery"]
    assert not {"email", "customer", "tax_id"} & set(part)
    assert "means" not in part["payment"]
    shop.clock.advance(seconds=25 * 3600)
    for caller, status in ((None, 404), (BOB, 404), (POTTER, 200), (SERVICE, 200)):
        client = http.as_(None if caller is None else principal_of(caller))
        assert (await client.get(f"/v1/orders/{guests.id}")).status_code == status


async def test_orders_are_listed_by_cursor(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG")
    made = []
    for _ in range(3):
        made.append((await shop.bought({"MUG": 1}, ANA)).id)
        shop.clock.advance(seconds=1)
    await shop.bought({"MUG": 1}, BOB)
    client = http.as_(principal(ANA))
    first = (await client.get("/v1/orders?limit=2")).json()
    assert "items" in first, first
    second = (await client.get(f"/v1/orders?limit=2&cursor={first['next']}")).json()
    assert [one["id"] for one in (*first["items"], *second["items"])] == made[::-1]
    assert second["next"] is None
    every = (await http.as_(principal_of(SERVICE)).get("/v1/orders")).json()
    assert len(every.get("items", ())) == 4, every
    assert (await http.as_(None).get("/v1/orders")).status_code == 401
    for cursor in ("x", "%00", "MTIzIGFiYw", "é" * 10):
        wrong = await client.get("/v1/orders", params={"cursor": cursor})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "order_cursor_invalid"), cursor


async def test_who_may_cancel(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG")
    await shop.stocked("POT", 3000, merchant="pottery")
    both, pots = await shop.bought({"MUG": 1, "POT": 1}, ANA), await shop.bought({"POT": 1}, ANA)
    potter = http.as_(principal_of(POTTER))
    refused = await potter.post(f"/v1/orders/{both.id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "order_state")
    assert (await http.as_(principal(BOB)).post(f"/v1/orders/{both.id}/cancel")).status_code == 404
    assert (await shop.read_order(both)).state == "paid"
    done = await potter.post(f"/v1/orders/{pots.id}/cancel")
    assert (done.status_code, done.json()["cancel_reason"]) == (200, "merchant")
    await shop.tell()
    assert (await shop.read_order(pots)).payment_state == "refunded"
    assert await shop.left("POT") == 9


def principal_of(caller: Caller) -> Any:
    return msgspec.structs.replace(principal(caller), merchants=caller.merchants)


@pytest.mark.parametrize("token", ["", " ", "a\u0000b", "é", "t" * 501, "\\ud800", 1, {"a": 1}])
async def test_tokens_have_bounds(shop: Shop, http: FaceClients, token: Any) -> None:
    await shop.stocked("MUG")
    path, body = await body_of(shop)
    sent = msgspec.json.encode({**body, "payment": {"token": token}}).replace(b"\\\\ud800", b"\\ud800")
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    answer = await http.as_(None).post(path, content=sent, headers=headers)
    assert answer.status_code == 400, answer.text
    assert (await shop.count("attempts"), await shop.left("MUG")) == (0, 10)


async def test_what_is_written_on_a_receipt_is_text(shop: Shop, http: FaceClients) -> None:
    await shop.stocked("MUG", title={"en": "<script>alert(1)</script> & Mug"})
    checkout = await shop.ready({"MUG": 1}, payment={"method": "card", "instalments": 3})
    order = (await shop.place(checkout)).order
    assert order
    answer = await http.as_(None).get(f"/v1/orders/{order.id}/receipt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), answer.text
    page = answer.text
    refused = await http.as_(principal(BOB)).get(f"/v1/orders/{uuid4()}/receipt")
    assert refused.status_code == 404
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Mug" in page
    assert "R$ 69,90" in page
    assert "3x" in page
    assert "Avenida Paulista, 1578<br>01310-200, São Paulo, SP<br>BR" in page
    assert order.number in page
    english = receipt_page(msgspec.structs.replace(order, language="en"))
    assert "R$ 69.90" in english
    assert "<h1>Receipt of order" in english
