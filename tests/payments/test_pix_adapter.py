"""What only the Pix API does: names made of keys, access tokens, devoluções that wait, proofs of webhooks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from renga.domains.payments.contract.errors import WebhookRefused
from renga.domains.payments.contract.payments import Payer
from renga.domains.payments.ports.provider import Authorise, Inquiry, Refund
from renga.domains.payments.providers.pix.adapter import PixProvider
from renga.domains.payments.providers.pix.records import key_of, return_id_of, txid_of
from renga.kernel.clock import ManualClock
from renga.kernel.ids import id_source
from renga.kernel.money import Money
from tests.payments.pix_double import PixDouble

CLOCK = ManualClock(1_796_040_000_000)
NEW_ID = id_source(CLOCK)


@pytest.fixture
def double() -> PixDouble:
    return PixDouble(CLOCK.now_ms)


def provider_on(transport: httpx.AsyncBaseTransport, **changes: Any) -> PixProvider:
    members = {"client_id": "client", "client_secret": "secret", "webhook_secret": "hook"} | changes
    return PixProvider(
        httpx.AsyncClient(transport=transport, base_url="https://pix.example/pix-api/v2"),
        chave="pix@shop.example",
        token_url="https://pix.example/oauth/token",
        clock=CLOCK,
        **members,
    )


@pytest.fixture
async def provider(double: PixDouble) -> AsyncIterator[PixProvider]:
    opened = provider_on(double)
    yield opened
    await opened.close()


def order(**changes: Any) -> Authorise:
    members: dict[str, Any] = {
        "key": NEW_ID(),
        "means": NEW_ID(),
        "reference": "order:1",
        "method": "pix",
        "expires_in_s": 600,
    }
    return Authorise(**members | {"amount": Money(1_099, "BRL")} | changes)


def test_a_txid_is_made_of_the_key_and_leads_back_to_it() -> None:
    key = "01a22d0a-1f53-7c22-89d0-e87b85f5eccc"
    assert txid_of(key, "i") == "i01a22d0a1f537c2289d0e87b85f5eccc"
    assert key_of(txid_of(key, "v")) == key
    assert return_id_of(key) == "d01a22d0a1f537c2289d0e87b85f5eccc"
    for other in ("x", "\x00é", "k" * 300):
        assert 26 <= len(txid_of(other, "i")) <= 35
        assert txid_of(other, "i").isalnum()
    assert key_of("i" * 33) is None
    assert key_of("short") is None


async def test_a_charge_says_amount_key_payer_and_life_in_the_words_of_the_api(double: PixDouble) -> None:
    provider = provider_on(double)
    asked = order(payer=Payer(name="Ana Souza", tax_id="529.982.247-25"))
    outcome = await provider.authorise(asked)
    assert outcome.record is not None
    cob = double.cobs[txid_of(asked.key, "i")]
    assert (cob["valor"], cob["chave"]) == ({"original": "10.99"}, "pix@shop.example")
    assert cob["calendario"]["expiracao"] == 600
    assert outcome.record.key == asked.key
    assert outcome.record.pix is not None
    assert outcome.record.pix.expires_at == "2026-11-30T12:10:00.000Z"
    await provider.close()


async def test_a_charge_with_a_due_date_ends_with_that_day_in_brasilia(
    provider: PixProvider, double: PixDouble
) -> None:
    asked = order(due_on="2026-12-10", payer=Payer(name="Loja Ltda", tax_id="12.ABC.345/01DE-35"))
    outcome = await provider.authorise(asked)
    assert outcome.record is not None
    assert outcome.record.pix is not None
    assert outcome.record.pix.expires_at == "2026-12-11T02:59:59.999Z"
    assert double.cobs[outcome.record.ref]["kind"] == "cobv"


@pytest.mark.parametrize(
    "payer", [Payer(), Payer(name="Ana"), Payer(tax_id="52998224725"), Payer(name="A", tax_id="1")]
)
async def test_a_due_date_needs_a_payer(provider: PixProvider, double: PixDouble, payer: Payer) -> None:
    outcome = await provider.authorise(order(due_on="2026-12-10", payer=payer))
    assert (outcome.kind, outcome.reason) == ("refused", "method_unavailable")
    assert double.cobs == {}


@pytest.mark.parametrize(
    ("money", "reason"),
    [
        (Money(1_000, "USD"), "method_unavailable"),
        (Money(0, "BRL"), "amount_invalid"),
        (Money(-1, "BRL"), "amount_invalid"),
    ],
)
async def test_what_pix_cannot_charge_is_refused_unsent(
    provider: PixProvider, double: PixDouble, money: Money, reason: str
) -> None:
    outcome = await provider.authorise(order(amount=money))
    assert (outcome.kind, outcome.reason) == ("refused", reason)
    assert double.requests == []


async def test_one_access_token_serves_until_shortly_before_its_end(provider: PixProvider, double: PixDouble) -> None:
    await provider.authorise(order())
    await provider.authorise(order())
    assert double.requests.count(("POST", "/oauth/token")) == 1
    CLOCK.advance(seconds=280)
    await provider.authorise(order())
    assert double.requests.count(("POST", "/oauth/token")) == 2


async def test_an_access_token_that_was_withdrawn_is_renewed(provider: PixProvider, double: PixDouble) -> None:
    await provider.authorise(order())
    double.tokens.clear()
    outcome = await provider.authorise(order())
    assert outcome.kind == "pending"
    assert len(double.cobs) == 2


async def test_without_an_access_token_nothing_is_sent(double: PixDouble) -> None:
    provider = provider_on(double, client_secret="another")
    outcome = await provider.authorise(order())
    assert (outcome.kind, outcome.reason) == ("refused", "provider_error")
    assert double.cobs == {}
    await provider.close()


async def test_a_devolucao_may_wait_and_may_fail(provider: PixProvider, double: PixDouble) -> None:
    charge = await provider.authorise(order())
    assert charge.record is not None
    double.pay(charge.record.ref)
    double.returns = "EM_PROCESSAMENTO"
    refund = Refund(key=NEW_ID(), ref=charge.record.ref, method="pix", amount=Money(600, "BRL"))
    outcome = await provider.refund(refund)
    assert (outcome.kind, outcome.record and outcome.record.refunded) == ("pending", 0)
    made = double.cobs[charge.record.ref]["pix"][0]["devolucoes"][0]
    question = Inquiry(key=refund.key, kind="refund", method="pix", means=NEW_ID(), ref=charge.record.ref)
    kinds = []
    for status in ("EM_PROCESSAMENTO", "DEVOLVIDO", "NAO_REALIZADO"):
        made["status"] = status
        found = await provider.find(question)
        assert found is not None
        assert found.record is not None
        kinds.append((found.kind, found.reason, found.record.refunded))
    assert kinds == [("pending", None, 0), ("accepted", None, 600), ("refused", "provider_error", 0)]


async def test_what_waits_to_go_back_cannot_go_back_again(provider: PixProvider, double: PixDouble) -> None:
    charge = await provider.authorise(order())
    assert charge.record is not None
    double.pay(charge.record.ref)
    double.returns = "EM_PROCESSAMENTO"
    for amount, kind in ((1_000, "pending"), (100, "refused"), (99, "pending")):
        refund = Refund(key=NEW_ID(), ref=charge.record.ref, method="pix", amount=Money(amount, "BRL"))
        assert (await provider.refund(refund)).kind == kind


@pytest.mark.parametrize(
    ("status", "kind", "gone"), [("DEVOLVIDO", "accepted", 2_198), ("EM_PROCESSAMENTO", "pending", 0)]
)
async def test_a_charge_that_is_paid_twice_gives_both_back(
    provider: PixProvider, double: PixDouble, status: str, kind: str, gone: int
) -> None:
    double.returns = status
    charge = await provider.authorise(order())
    assert charge.record is not None
    ref = charge.record.ref
    double.pay(ref)
    double.pay(ref)
    first = Refund(key=NEW_ID(), ref=ref, method="pix", amount=Money(1_099, "BRL"))
    second = Refund(key=NEW_ID(), ref=ref, method="pix", amount=Money(1_099, "BRL"))
    done = [await provider.refund(each) for each in (first, second, first, second)]
    assert [outcome.kind for outcome in done] == [kind] * 4
    after = await provider.read(ref, "pix")
    assert after is not None
    assert (after.captured, after.refunded) == (2_198, gone)
    assert [len(one["devolucoes"]) for one in double.cobs[ref]["pix"]] == [1, 1]


BODY = b'{"pix":[{"endToEndId":"E0000000000000000000000000000001","txid":"t1","valor":"1.00","horario":"2026-11-30T12:00:00Z"}]}'


@pytest.mark.parametrize(
    ("proof", "headers"),
    [
        ("url", {":query": "token=hook&end=/pix"}),
        ("url", {":query": "a=1&token=hook"}),
        ("edge", {"x-pix-edge-token": "hook"}),
    ],
)
async def test_a_webhook_that_shows_the_secret_where_it_should_is_read(
    double: PixDouble, proof: str, headers: dict[str, str]
) -> None:
    provider = provider_on(double, webhook_proof=proof)
    (event,) = provider.verify(headers, BODY, CLOCK.now_ms())
    assert (event.ref, event.kind, event.record) == ("t1", "pix.received", None)
    await provider.close()


@pytest.mark.parametrize("proof", ["url", "edge", "signature"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {":query": ""},
        {":query": "token="},
        {":query": "token=hoo"},
        {":query": "token=x&token=hook"},
        {":query": "token=" + "hook" * 1_000},
        {"query": "token=hook", "token": "hook"},
        {"x-pix-edge-token": ""},
        {"x-pix-edge-token": "hookx"},
        {"pix-signature": "hook"},
        {"authorization": "Bearer hook"},
    ],
)
async def test_a_webhook_without_the_secret_is_refused(double: PixDouble, proof: str, headers: dict[str, str]) -> None:
    provider = provider_on(double, webhook_proof=proof)
    with pytest.raises(WebhookRefused):
        provider.verify(headers, BODY, CLOCK.now_ms())
    await provider.close()


@pytest.mark.parametrize("proof", ["url", "edge", "signature"])
async def test_without_a_secret_every_webhook_is_refused(double: PixDouble, proof: str) -> None:
    provider = provider_on(double, webhook_secret="", webhook_proof=proof)
    for headers in ({}, {":query": "token="}, {"x-pix-edge-token": ""}):
        with pytest.raises(WebhookRefused, match="no secret"):
            provider.verify(headers, BODY, CLOCK.now_ms())
    await provider.close()


async def test_a_pix_that_was_not_paid_for_a_charge_is_no_news(double: PixDouble) -> None:
    provider = provider_on(double)
    assert provider.verify({":query": "token=hook"}, BODY.replace(b'"txid":"t1",', b""), CLOCK.now_ms()) == []
    await provider.close()


@pytest.mark.parametrize(
    "change",
    [{"calendario": {"criacao": "yesterday"}}, {"valor": {"original": "1,00"}}, {"status": "NOVA"}, {"pix": [{}]},
     {"calendario": {"criacao": "2026-11-30T12:00:00Z", "dataDeVencimento": "9999-12-31", "validadeAposVencimento": 9}}],
)  # fmt: skip
async def test_an_answer_that_is_none_of_the_api_is_unknown(change: dict[str, Any]) -> None:
    said = {
        "txid": "i1",
        "status": "ATIVA",
        "calendario": {"criacao": "2026-11-30T12:00:00Z"},
        "valor": {"original": "1.00"},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        return httpx.Response(201, json=said | change)

    provider = provider_on(httpx.MockTransport(answer))
    assert (await provider.authorise(order())).kind == "unknown"
    await provider.close()
