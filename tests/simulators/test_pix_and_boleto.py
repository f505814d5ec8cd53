"""Pix and boletos at the simulated provider: paid in time, late, twice, after they were withdrawn; taken back by a bank."""

import xml.etree.ElementTree as ET

import pytest

from renga.simulators.payment_provider.formulas import boleto, brcode
from tests.simulators.provider import Provider


async def test_a_pix_is_paid(provider: Provider) -> None:
    payment = await provider.asynchronous("pix", metadata={"means": "m"})
    pix = payment["pix"]
    assert (payment["state"], payment["captured"]) == ("pending", 0)
    assert brcode.is_whole(pix["payload"])
    assert f"0525{pix['id']}" in pix["payload"]
    assert "5406100.00" in pix["payload"]
    picture = await provider.anonymous.get(pix["qr_svg_url"])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(picture.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert (await provider.anonymous.post(pix["test_pay_url"])).status_code == 200
    paid = await provider.read(payment["id"])
    assert (paid["state"], paid["captured"], len(paid["captures"])) == ("captured", 10_000, 1)
    assert len(paid["captures"][0]["end_to_end_id"]) == 32
    assert paid["paid_at"] == paid["captures"][0]["at"]
    await provider.shop.wait(1)
    assert provider.shop.types == ["payment.captured"]
    assert provider.shop.received[0][1]["payment"] == paid


@pytest.mark.parametrize("method", ["pix", "boleto"])
async def test_money_comes_after_the_end(provider: Provider, method: str) -> None:
    payment = await provider.asynchronous(method)
    await provider.advance(10 * 86_400)
    assert (await provider.read(payment["id"]))["state"] == "expired"
    paid = await provider.pay(payment)
    assert (paid["state"], paid["captured"]) == ("captured", 10_000)
    await provider.shop.wait(2)
    assert provider.shop.types == ["payment.expired", "payment.captured"]
    log = (await provider.client.get("/v1/log")).json()["items"]
    assert [one["kind"] for one in log] == ["authorise", "expire", "paid_late"]


@pytest.mark.parametrize("method", ["pix", "boleto"])
async def test_money_comes_after_it_was_withdrawn(provider: Provider, method: str) -> None:
    payment = await provider.asynchronous(method)
    assert (await provider.post(f"/v1/payments/{payment['id']}/void")).json()["payment"]["state"] == "voided"
    assert (await provider.pay(payment))["captured"] == 10_000


async def test_money_comes_twice_and_one_part_goes_back(provider: Provider) -> None:
    payment = await provider.asynchronous("pix")
    await provider.pay(payment)
    twice = await provider.pay(payment)
    assert (twice["captured"], twice["amount"]) == (20_000, 10_000)
    given_back = (await provider.post(f"/v1/payments/{payment['id']}/refunds", {"amount": 10_000})).json()["payment"]
    assert (given_back["captured"], given_back["refunded"]) == (20_000, 10_000)


async def test_a_boleto_is_paid_days_later(provider: Provider) -> None:
    today = (await provider.client.get("/test/clock")).json()["now"][:10]
    payment = await provider.asynchronous("boleto", amount=123_456)
    terms = payment["boleto"]
    assert boleto.is_right(terms["line"])
    assert boleto.barcode_of(terms["line"]) == terms["barcode"]
    assert terms["barcode"][:4] + terms["barcode"][9:19] == "9999" + "0000123456"
    assert terms["due_on"] > today
    paid = await provider.pay(payment, "?days=2")
    assert (paid["state"], paid["captured"]) == ("captured", 123_456)
    assert paid["paid_at"][:10] > today


async def test_a_boleto_that_is_paid_days_too_late_expires_first(provider: Provider) -> None:
    payment = await provider.asynchronous("boleto")
    assert (await provider.pay(payment, "?days=9"))["captured"] == 10_000
    await provider.shop.wait(2)
    assert provider.shop.types == ["payment.expired", "payment.captured"]


async def test_a_bank_takes_a_pix_back(provider: Provider) -> None:
    payment = await provider.asynchronous("pix")
    path = f"/test/payments/{payment['id']}/med"
    assert (await provider.post(path)).status_code == 409
    await provider.pay(payment)
    taken = (await provider.post(path, {"amount": 4_000})).json()
    assert (taken["refunded"], taken["refunds"][0]["origin"]) == (4_000, "bank")
    assert (await provider.post(path, {"amount": 6_001})).status_code == 422
    await provider.shop.wait(2)
    assert provider.shop.types[-1] == "payment.refunded"
    card = (await provider.card(capture=True))["payment"]
    assert (await provider.post(f"/test/payments/{card['id']}/med")).status_code == 409


@pytest.mark.parametrize(
    ("query", "count"), [("?webhook=twice", 2), ("?webhook=lost", 0), ("?webhook=late", 1), ("?webhook=before", 1)]
)
async def test_the_payer_chooses_how_the_message_goes(provider: Provider, query: str, count: int) -> None:
    await provider.pay(await provider.asynchronous("pix"), query)
    await provider.shop.wait(count)
    event = (await provider.client.get("/v1/events")).json()["items"][0]
    assert event["fate"] == f"webhook_{query.partition('=')[2]}"
    assert len(provider.shop.received) == count


@pytest.mark.parametrize("query", ["?webhook=never", "?days=-1", "?days=401", "?amount=0", "?days=x"])
async def test_a_wrong_way_to_pay_pays_nothing(provider: Provider, query: str) -> None:
    payment = await provider.asynchronous("pix")
    assert (await provider.anonymous.post(f"/test/pay/{payment['id']}{query}")).status_code == 422
    assert (await provider.read(payment["id"]))["captured"] == 0
    card = (await provider.card())["payment"]
    assert (await provider.anonymous.post(f"/test/pay/{card['id']}")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"method": "pix", "expires_in_s": 0}, {"method": "pix", "expires_in_s": 10**9}, {"method": "pix", "currency": "USD"},
        {"method": "pix", "token": "tok_1"}, {"method": "pix", "amount": 10**12}, {"method": "boleto", "amount": 10**10},
        {"method": "boleto", "due_on": "2020-01-01"}, {"method": "boleto", "due_on": "2199-01-01"},
        {"method": "boleto", "due_on": "20261130"}, {"method": "boleto", "due_on": "tomorrow"}, {"method": "pix", "save": True},
    ],
)  # fmt: skip
async def test_a_charge_that_cannot_be_is_refused(provider: Provider, body: dict[str, object]) -> None:
    answer = await provider.post("/v1/payments", {"amount": 500, "currency": "BRL"} | body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (await provider.client.get("/v1/log")).json()["items"] == []


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("pt-BR", "Situação: à espera do pagamento.", "Situação: pago."),
        ("en", "State: waits for the money.", "State: paid."),
    ],
)
async def test_the_paying_page_says_how_it_stands_in_the_readers_words(
    provider: Provider, language: str, before: str, after: str
) -> None:
    payment = await provider.asynchronous("pix")
    path, wants = f"/test/pay/{payment['id']}?lang={language}", {"accept": "text/html"}
    assert before in (await provider.anonymous.get(path, headers=wants)).text
    assert after in (await provider.anonymous.post(path, headers=wants)).text
