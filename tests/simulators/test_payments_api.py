"""Payments by card at the simulated provider: idempotency, captures, refunds, bounds."""

import asyncio
from typing import Any

import pytest

from renga.simulators.payment_provider.model.card_numbers import NUMBERS, REFUSING
from tests.simulators.provider import GOOD, Provider


async def _log(provider: Provider) -> list[tuple[str, int, str]]:
    items = (await provider.client.get("/v1/log", params={"limit": 1000})).json()["items"]
    return [(one["kind"], one["amount"], one["outcome"]) for one in items]


async def test_a_payment_is_authorised_captured_in_parts_and_refunded_in_parts(provider: Provider) -> None:
    said = await provider.card(metadata={"means": "m1"}, reference="order:1")
    payment = said["payment"]
    assert (said["outcome"], payment["state"], payment["capturable"]) == ("accepted", "authorised", 10_000)
    assert payment["card"] == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2040}
    path = f"/v1/payments/{payment['id']}"
    first = (await provider.post(f"{path}/capture", {"amount": 3_000, "final": False})).json()["payment"]
    assert (first["state"], first["captured"], first["capturable"]) == ("authorised", 3_000, 7_000)
    last = (await provider.post(f"{path}/capture", {"amount": 5_000})).json()["payment"]
    assert (last["state"], last["captured"], last["capturable"], last["refundable"]) == ("captured", 8_000, 0, 8_000)
    await provider.post(f"{path}/refunds", {"amount": 1_000})
    left = (await provider.post(f"{path}/refunds")).json()["payment"]
    assert (left["refunded"], left["refundable"], len(left["refunds"])) == (8_000, 0, 2)
    assert await provider.read(payment["id"]) == left
    assert await _log(provider) == [
        ("authorise", 10_000, "accepted"), ("capture", 3_000, "accepted"), ("capture", 5_000, "accepted"),
        ("refund", 1_000, "accepted"), ("refund", 7_000, "accepted"),
    ]  # fmt: skip
    await provider.shop.wait(5)
    kinds = ["payment.authorised", "payment.captured", "payment.captured", "payment.refunded", "payment.refunded"]
    assert provider.shop.types == kinds
    assert provider.shop.received[0][1]["payment"]["metadata"] == {"means": "m1"}


@pytest.mark.parametrize(
    ("path", "body"), [("capture", {"amount": 10_001}), ("refunds", {"amount": 1}), ("refunds", {})]
)
async def test_more_than_there_is_is_refused_and_moves_nothing(provider: Provider, path: str, body: Any) -> None:
    payment = (await provider.card())["payment"]
    before = await _log(provider)
    answer = await provider.post(f"/v1/payments/{payment['id']}/{path}", body)
    assert answer.status_code in (409, 422)
    assert await provider.read(payment["id"]) == payment
    assert await _log(provider) == before


async def test_refunds_never_exceed_what_was_captured(provider: Provider) -> None:
    payment = (await provider.card(amount=100, capture=True))["payment"]
    path = f"/v1/payments/{payment['id']}/refunds"
    done = await asyncio.gather(*(provider.post(path, {"amount": 30}) for _ in range(5)))
    assert sorted(one.status_code for one in done) == [200, 200, 200, 422, 422]
    assert [one.json().get("left") for one in done if one.status_code == 422] == [10, 10]
    assert (await provider.read(payment["id"]))["refunded"] == 90


async def test_the_same_key_has_one_effect_and_one_answer(provider: Provider) -> None:
    body = {"amount": 500, "currency": "BRL", "token": await provider.token(), "capture": True}
    answers = await asyncio.gather(*(provider.post("/v1/payments", body, key="one") for _ in range(20)))
    assert len({one.text for one in answers}) == 1
    assert {one.status_code for one in answers} == {201}
    assert sum("idempotent-replayed" in one.headers for one in answers) == 19
    assert await _log(provider) == [("authorise", 500, "accepted"), ("capture", 500, "accepted")]
    found = (await provider.client.get("/v1/operations", params={"key": "one"})).json()
    assert (found["kind"], found["outcome"], found["status"]) == ("authorise", "accepted", 201)
    assert found["payment"]["captured"] == 500


async def test_a_key_belongs_to_one_request(provider: Provider) -> None:
    payment = (await provider.card(capture=True))["payment"]
    path = f"/v1/payments/{payment['id']}/refunds"
    assert (await provider.post(path, {"amount": 5}, key="k")).status_code == 200
    for other, body in ((path, {"amount": 6}), (f"/v1/payments/{payment['id']}/void", {})):
        answer = await provider.post(other, body, key="k")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")
    assert (await provider.read(payment["id"]))["refunded"] == 5


async def test_a_key_is_needed_and_what_was_never_done_is_not_found(provider: Provider) -> None:
    answer = await provider.client.post("/v1/payments", json={"amount": 5, "currency": "BRL"})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    missing = await provider.client.get("/v1/operations", params={"key": "never"})
    assert (missing.status_code, missing.json()["code"]) == (404, "key_not_found")
    assert await _log(provider) == []


async def test_a_void_releases_what_is_held(provider: Provider) -> None:
    payment = (await provider.card())["payment"]
    path = f"/v1/payments/{payment['id']}"
    assert (await provider.post(f"{path}/void")).json()["payment"]["state"] == "voided"
    assert (await provider.post(f"{path}/void")).json()["outcome"] == "accepted"
    late = await provider.post(f"{path}/capture")
    assert (late.status_code, late.json()["code"], late.json()["payment"]["state"]) == (409, "payment_state", "voided")


async def test_an_authorisation_ends_by_itself(provider: Provider) -> None:
    payment = (await provider.card())["payment"]
    part = (await provider.card())["payment"]
    await provider.post(f"/v1/payments/{part['id']}/capture", {"amount": 1, "final": False})
    await provider.advance(7 * 86_400)
    assert (await provider.read(payment["id"]))["state"] == "expired"
    ended = await provider.read(part["id"])
    assert (ended["state"], ended["captured"], ended["capturable"]) == ("captured", 1, 0)
    await provider.shop.wait(5)
    assert sorted(provider.shop.types)[-2:] == ["payment.expired", "payment.released"]


@pytest.mark.parametrize("number", [number for number, behaviour in NUMBERS.items() if behaviour in REFUSING])
async def test_numbers_that_are_refused(provider: Provider, number: str) -> None:
    said = await provider.card(number, capture=True)
    assert (said["outcome"], said["reason"]) == ("refused", NUMBERS[number])
    assert (said["payment"]["state"], said["payment"]["captured"]) == ("refused", 0)
    found = (await provider.client.get("/v1/operations", params={"key": said["key"]})).json()
    assert (found["status"], found["outcome"], found["reason"]) == (402, "refused", NUMBERS[number])


async def test_a_token_pays_once_and_not_for_ever(provider: Provider) -> None:
    token = await provider.token()
    body = {"amount": 5, "currency": "BRL", "token": token}
    assert (await provider.post("/v1/payments", body)).status_code == 201
    again = await provider.post("/v1/payments", body)
    assert (again.status_code, again.json()["reason"], again.json()["payment"]) == (402, "token_invalid", None)
    old = {"amount": 5, "currency": "BRL", "token": await provider.token()}
    await provider.advance(3_601)
    assert (await provider.post("/v1/payments", old)).json()["reason"] == "token_invalid"


async def test_a_saved_card_pays_until_it_is_forgotten(provider: Provider) -> None:
    kept = (await provider.card(save=True))["payment"]["saved_method"]
    alone = await provider.card(amount=0, save=True)
    assert (alone["outcome"], alone["payment"]["amount"]) == ("accepted", 0)
    body = {"amount": 7, "currency": "BRL", "saved_method": kept, "recurring": True, "capture": True}
    assert (await provider.post("/v1/payments", body)).json()["payment"]["captured"] == 7
    assert (await provider.client.delete(f"/v1/saved-methods/{kept}")).status_code == 204
    assert (await provider.post("/v1/payments", body)).json()["reason"] == "token_invalid"


async def test_a_later_authorisation_replaces_an_earlier_one(provider: Provider) -> None:
    old = (await provider.card())["payment"]
    body = {"amount": 10_000, "currency": "BRL", "previous": old["id"]}
    said = (await provider.post("/v1/payments", body)).json()
    assert (said["outcome"], said["payment"]["card"]["last4"]) == ("accepted", "4242")
    assert (await provider.read(old["id"]))["state"] == "voided"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": 0}, 422), ({"amount": -1}, 422), ({"amount": 2**53}, 422), ({"amount": 1.5}, 422), ({"amount": True}, 422),
        ({"currency": "XXX"}, 422), ({"currency": "brl"}, 422), ({"method": "cash"}, 422), ({"unknown": 1}, 422),
        ({"method": "pix"}, 422), ({"token": None}, 422), ({"saved_method": "card_1"}, 422), ({"reference": "x" * 201}, 422),
        ({"metadata": {str(n): "" for n in range(21)}}, 422), ({"return_url": "javascript:alert(1)"}, 422),
        ({"instalments": {"count": 25}}, 422), ({"split": [{"recipient": "a", "amount": 501}]}, 422),
        ({"split": [{"recipient": "a", "amount": 0}]}, 422), ({"behaviour": "webhook_lost"}, 422),
    ],
)  # fmt: skip
async def test_a_request_that_is_wrong_does_nothing(provider: Provider, change: dict[str, Any], status: int) -> None:
    token = await provider.token()
    body = {"amount": 500, "currency": "BRL", "token": token}
    answer = await provider.post("/v1/payments", body | change, key="k")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await _log(provider) == []
    assert (await provider.post("/v1/payments", body, key="k")).status_code == 201


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"amount":', b'"\\ud800"', b'{"token":"\\u0000"}']
)
async def test_any_body_gets_an_answer(provider: Provider, body: bytes) -> None:
    answer = await provider.client.post("/v1/payments", content=body, headers={"idempotency-key": "k"})
    assert answer.status_code == 422
    large = await provider.client.post("/v1/payments", content=b" " * 300_000, headers={"idempotency-key": "k"})
    assert large.status_code == 413


async def test_everything_but_pages_and_tokens_needs_the_key(provider: Provider) -> None:
    payment = (await provider.card())["payment"]["id"]
    reads = ("/v1/log", "/v1/events", "/v1/operations?key=k", "/v1/settlements/2026-01-01", f"/v1/payments/{payment}")
    for path in (*reads, "/v1/payments?changed_on=2026-01-01", "/test/faults", "/test/clock"):
        assert (await provider.anonymous.get(path)).status_code == 401, path
    posts = ("/v1/payments", f"/v1/payments/{payment}/capture", "/test/faults", "/test/clock", "/test/webhooks/pause")
    for path in (*posts, f"/test/payments/{payment}/dispute", "/test/events/evt_1/resend"):
        answer = await provider.anonymous.post(path, json={}, headers={"authorization": "Bearer wrong"})
        assert answer.status_code == 401, path
    assert (await provider.read(payment))["state"] == "authorised"


async def test_what_is_not_there_is_said(provider: Provider) -> None:
    assert (await provider.client.get("/v1/payments/pay_none")).status_code == 404
    assert (await provider.client.get("/nothing")).json()["code"] == "not_found"
    assert (await provider.client.put("/v1/payments")).status_code == 405
    assert (await provider.client.get("/v1/payments?changed_on=yesterday")).status_code == 422
    assert (await provider.client.get("/v1/log?after=-1")).status_code == 422
    assert (await provider.client.get("/v1/log?after=9999999999999999999999")).status_code == 422


async def test_a_days_list_has_pages(provider: Provider) -> None:
    made = [(await provider.card(GOOD, amount=n))["payment"]["id"] for n in range(1, 6)]
    day = (await provider.client.get("/test/clock")).json()["now"][:10]
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        page = (
            await provider.client.get("/v1/payments", params={"changed_on": day, "limit": 2, "after": after})
        ).json()
        found += [one["id"] for one in page["items"]]
        after = page["next"]
    assert found == made
