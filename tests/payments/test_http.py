"""Payments over HTTP: what travels, problems with codes, and who reaches what."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.domains.payments.face import face_of
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.wiring import MODULE
from renga.platform.auth.principal import Principal
from tests.face_clients import FaceClients, clients_of
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.till import Till

ORDERS = Principal(subject="orders", scopes=frozenset({"payments:write"}), kind="token")
OTHER = Principal(subject="other", scopes=frozenset({"payments:write"}), kind="token")
FINANCE = Principal(subject="fin", scopes=frozenset({"payments:read", "payments:manage"}), kind="session")
ANA = Principal(subject="ana", scopes=frozenset({"account"}), kind="session")
BUYER = Principal(subject="buyer", scopes=frozenset({"cart"}), kind="session")


@pytest.fixture
async def clients(payments: LocalPayments, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    async with clients_of(face_of(payments), monkeypatch) as opened:
        yield opened


def brl(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "BRL"}


def body(**more: Any) -> dict[str, Any]:
    return {"reference": "order:1", "amount": brl(1000), "method": "card", "token": "tok_1", **more}


NO_PAYMENTS: list[tuple[dict[str, Any], int, str]] = [
    (body(amount=1000), 400, "invalid_request"),
    (body(amount=brl(-1)), 422, "payment_invalid"),
    (body(amount=brl(10**18)), 422, "payment_invalid"),
    (body(amount=brl(2**63)), 422, "payment_invalid"),
    (body(amount={"amount": 1, "currency": "ABC"}), 422, "currency_unknown"),
    (body(amount={"amount": 1.5, "currency": "BRL"}), 400, "invalid_request"),
    (body(reference="a\0"), 422, "unprocessable"),
    (body(cvc="123"), 400, "invalid_request"),
    (body(number="4242424242424242"), 422, "card_number_refused"),
    (body(method=None), 400, "invalid_request"),
    (body(means=[{"method": "pix"}]), 400, "invalid_request"),
    (body(method=None, token=None, means=[{"method": "pix", "amount": brl(1)}]), 422, "payment_invalid"),
    (
        body(
            method=None,
            token=None,
            means=[{"method": "pix", "amount": {"amount": 1000, "currency": "EUR"}}],
        ),
        422,
        "payment_invalid",
    ),
    (body(method="gift_card", token=None, code="AAAA-BBBB-CCCC-DDDD"), 404, "gift_card_not_found"),
    (
        body(token=None, saved_method="0190e5a8-0001-7000-8000-0000000000aa", payer={"customer": "ana"}),
        404,
        "saved_method_not_found",
    ),
    (body(amount={"amount": 5, "currency": "EUR"}, method="pix", token=None), 422, "payment_method_unavailable"),
]


async def test_the_methods_are_for_everybody(clients: FaceClients) -> None:
    answer = await clients.as_(None).get("/v1/payment-methods?amount=10000&currency=BRL&country=BR")
    assert answer.status_code == 200
    card, *others = answer.json()["items"]
    assert [card["method"], card["provider"], card["tokens_url"], card["frame_url"]] == [
        "card", "sim", "https://sim.example/tokens", "https://sim.example/frame",
    ]  # fmt: skip
    assert [one["count"] for one in card["instalments"]] == list(range(1, 13))
    assert card["instalments"][2] == {"count": 3, "each": brl(3333), "total": brl(10000)}
    # 7 of 1.99 % a month by the Price table: 100 * i / (1 - (1 + i)^-7) = 15.4527…
    assert card["instalments"][6] == {"count": 7, "each": brl(1545), "total": brl(10815)}
    assert others == [{"method": "pix", "provider": "sim"}, {"method": "boleto", "provider": "sim"}]
    answer = await clients.as_(None).get("/v1/payment-methods?amount=10000&currency=EUR&country=DE")
    assert [one["method"] for one in answer.json()["items"]] == ["card"]


async def test_what_is_no_amount_has_no_methods(clients: FaceClients) -> None:
    for query, status, code in (
        ("amount=0&currency=BRL", 400, "invalid_request"),
        ("amount=9007199254740992&currency=BRL", 400, "invalid_request"),
        ("amount=1&currency=XXX", 422, "currency_unknown"),
        ("amount=1&currency=BRL&country=br", 422, "payment_invalid"),
        ("currency=BRL", 400, "invalid_request"),
    ):
        answer = await clients.as_(None).get(f"/v1/payment-methods?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_payment_from_its_making_to_its_refund(clients: FaceClients, provider: ScriptedProvider) -> None:
    shop = clients.as_(ORDERS)
    made = await shop.post("/v1/payments", json=body(capture="later"), headers={"Idempotency-Key": "k-1"})
    assert made.status_code == 201
    payment = made.json()
    assert made.headers["location"] == f"/v1/payments/{payment['id']}"
    assert [payment["state"], payment["amount"], payment["captured"], payment["refunded"]] == [
        "authorised", brl(1000), brl(0), brl(0),
    ]  # fmt: skip
    assert not {"action", "pix", "boleto", "reason"} & set(payment)
    assert "idempotency-replayed" not in made.headers
    again = await shop.post("/v1/payments", json=body(capture="later"), headers={"Idempotency-Key": "k-1"})
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == payment
    other = await shop.post("/v1/payments", json=body(capture="now"), headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    path = f"/v1/payments/{payment['id']}"
    captured = await shop.post(f"{path}/capture", json={"amount": brl(600)})
    assert (captured.status_code, captured.json()["captured"]) == (200, brl(600))
    refused = await shop.post(f"{path}/void")
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_state")
    refunded = await shop.post(f"{path}/refund", json={"amount": brl(100), "reason": "broken"})
    assert (refunded.json()["state"], refunded.json()["refunded"]) == ("partly_refunded", brl(100))
    rest = await shop.post(f"{path}/refund")
    assert (rest.json()["state"], provider.taken) == ("refunded", 0)
    listed = await shop.get("/v1/payments?reference=order:1")
    assert listed.json() == {"items": [rest.json()]}


@pytest.mark.parametrize("change", ["capture", "refund", "void"])
async def test_a_change_that_comes_again_says_so(clients: FaceClients, provider: ScriptedProvider, change: str) -> None:
    shop, key = clients.as_(ORDERS), {"Idempotency-Key": "c-1"}
    made = await shop.post("/v1/payments", json=body(capture="now" if change == "refund" else "later"))
    path = f"/v1/payments/{made.json()['id']}/{change}"
    first, again = [await shop.post(path, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert ["idempotency-replayed" in one.headers for one in (first, again)] == [False, True]
    assert provider.count(change) == 1


async def test_without_a_key_each_call_pays(clients: FaceClients, provider: ScriptedProvider) -> None:
    for token in ("a", "b"):
        await clients.as_(ORDERS).post("/v1/payments", json=body(token=token))
    assert provider.taken == 2000


async def test_what_is_no_payment_is_refused(clients: FaceClients, till: Till) -> None:
    for content, status, code in NO_PAYMENTS:
        answer = await clients.as_(ORDERS).post("/v1/payments", json=content)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (content, answer.text)
    assert await till.pool.fetchval("SELECT count(*) FROM payments.payments") == 0


async def test_changes_that_are_refused(clients: FaceClients, provider: ScriptedProvider) -> None:
    shop = clients.as_(ORDERS)
    path = f"/v1/payments/{(await shop.post('/v1/payments', json=body())).json()['id']}"
    euros = {"amount": {"amount": 1, "currency": "EUR"}}
    share = {"amount": brl(1), "merchant": "nobody"}
    for call, content, status, code in (
        ("refund", {"amount": brl(1001)}, 422, "payment_amount_exceeded"),
        ("refund", {"amount": brl(0)}, 422, "payment_invalid"),
        ("refund", euros, 422, "payment_invalid"),
        ("refund", {"amount": brl(1), "shares": [share, euros]}, 422, "payment_invalid"),
        ("refund", {"shares": [share]}, 422, "payment_invalid"),
        ("capture", {}, 409, "payment_state"),
        ("capture", euros, 422, "payment_invalid"),
        ("void", {"all": True}, 400, "invalid_request"),
    ):
        answer = await shop.post(f"{path}/{call}", json=content)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (call, content)
    answer = await shop.post("/v1/payments/0190e5a8-0001-7000-8000-0000000000aa/void")
    assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")
    assert provider.taken == 1000


async def test_who_reaches_which_payments(clients: FaceClients) -> None:
    made = (await clients.as_(ORDERS).post("/v1/payments", json=body())).json()
    path = f"/v1/payments/{made['id']}"
    assert (await clients.as_(FINANCE).get(path)).json() == made
    assert (await clients.as_(OTHER).get(path)).status_code == 404
    assert (await clients.as_(OTHER).get("/v1/payments?reference=order:1")).json() == {"items": []}
    assert (await clients.as_(OTHER).post(f"{path}/refund")).status_code == 404
    assert (await clients.as_(FINANCE).post("/v1/payments", json=body())).status_code == 403
    for caller, status in ((BUYER, 403), (None, 401)):
        client = clients.as_(caller)
        assert (await client.get(path)).status_code == status
        assert (await client.post("/v1/payments", json=body())).status_code == status
        assert (await client.post(f"{path}/refund")).status_code == status
        assert (await client.post("/v1/gift-cards", json={"amount": brl(1)})).status_code == status
        assert (await client.get("/v1/me/payment-methods")).status_code == status
    assert (await clients.as_(FINANCE).post(f"{path}/refund")).json()["state"] == "refunded"


async def test_the_picture_of_a_pix_charge(clients: FaceClients) -> None:
    made = (await clients.as_(ORDERS).post("/v1/payments", json=body(method="pix", token=None))).json()
    assert made["pix"]["qr_svg_url"] == f"https://shop.example/v1/payments/{made['id']}/pix.svg"
    picture = await clients.as_(None).get(f"/v1/payments/{made['id']}/pix.svg")
    assert (picture.status_code, picture.headers["content-type"].partition(";")[0]) == (200, "image/svg+xml")
    assert b"<svg" in picture.content[:200]
    for unknown in ("0190e5a8-0001-7000-8000-0000000000aa", "x"):
        answer = await clients.as_(None).get(f"/v1/payments/{unknown}/pix.svg")
        assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")


async def test_a_gift_card_is_issued_and_pays(clients: FaceClients, till: Till) -> None:
    finance = clients.as_(FINANCE)
    key = {"Idempotency-Key": "g"}
    issued = await finance.post("/v1/gift-cards", json={"amount": brl(700)}, headers=key)
    assert (issued.status_code, issued.json()["left"]) == (201, brl(700))
    assert (await finance.post("/v1/gift-cards", json={"amount": brl(700)}, headers=key)).json() == issued.json()
    code = issued.json()["code"].lower().replace("-", " ")
    paid = await clients.as_(ORDERS).post(
        "/v1/payments", json=body(amount=brl(500), method="gift_card", token=None, code=code)
    )
    assert paid.json()["state"] == "captured"
    left = await finance.get(f"/v1/gift-cards/{issued.json()['id']}")
    assert left.json() == {**{name: one for name, one in issued.json().items() if name != "code"}, "left": brl(200)}
    assert (await finance.get("/v1/gift-cards/x")).json()["code"] == "gift_card_not_found"
    assert await till.ledger() == {f"gift_card:{issued.json()['id']}": -200, "platform": 200}


async def test_store_credit_is_the_customers_own(clients: FaceClients) -> None:
    finance = clients.as_(FINANCE)
    given = await finance.post("/v1/store-credits", json={"customer": "ana", "amount": brl(300), "reason": "sorry"})
    assert (given.status_code, given.json()) == (201, {"customer": "ana", "balances": [brl(300)]})
    assert (await clients.as_(ANA).get("/v1/me/store-credit")).json() == given.json()
    assert (await finance.post("/v1/store-credits", json={"customer": "", "amount": brl(1)})).status_code == 422


async def test_saved_methods_are_the_customers_own(clients: FaceClients, provider: ScriptedProvider) -> None:
    saving = body(save=True, consent="v3", payer={"customer": "ana"})
    await clients.as_(ORDERS).post("/v1/payments", json=saving)
    ana = clients.as_(ANA)
    (saved,) = (await ana.get("/v1/me/payment-methods")).json()["items"]
    assert [saved["method"], saved["usage"], saved["consent"], saved["card"]] == [
        "card", "one_off", "v3", {"brand": "visa", "last4": "4242"},
    ]  # fmt: skip
    other = Principal(subject="eve", scopes=frozenset({"account"}), kind="session")
    assert (await clients.as_(other).delete(f"/v1/me/payment-methods/{saved['id']}")).status_code == 404
    provider.away = True
    answer = await ana.delete(f"/v1/me/payment-methods/{saved['id']}")
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_provider_away")
    provider.away = False
    assert (await ana.delete(f"/v1/me/payment-methods/{saved['id']}")).status_code == 204
    assert provider.removed == ["pm_sim_1"]
    assert (await ana.get("/v1/me/payment-methods")).json() == {"items": []}


async def test_every_operation_has_a_rate_class_of_its_module_or_the_platform(payments: LocalPayments) -> None:
    names = {one.name for one in MODULE.rate_classes} | {"read", "write"}
    assert {one.rate for one in face_of(payments).operations} <= names
