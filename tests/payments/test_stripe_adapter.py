"""What only Stripe does: its amounts, its keys, its reasons, methods that are kept without a payment."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from renga.domains.payments.ports.provider import Authorise, Capture
from renga.domains.payments.providers.stripe import client as stripe_client
from renga.domains.payments.providers.stripe.adapter import StripeProvider
from renga.domains.payments.providers.stripe.amounts import AmountUnfit, AmountUnreadable, from_stripe, to_stripe
from renga.domains.payments.providers.stripe.inquiries import window
from renga.domains.payments.providers.stripe.objects import StripeFailure
from renga.domains.payments.providers.stripe.reasons import reason_of
from renga.kernel.clock import ManualClock
from renga.kernel.ids import id_source
from renga.kernel.money import Money
from tests.payments.stripe_double import APPROVED, CHALLENGE, StripeDouble

CLOCK = ManualClock(1_796_040_000_000)
NEW_ID = id_source(CLOCK)


@pytest.fixture
def double() -> StripeDouble:
    return StripeDouble(lambda: CLOCK.now_ms() // 1000)


def provider_on(
    transport: httpx.AsyncBaseTransport, *, key: str = "sk_test_double", deadline_s: float = 5.0
) -> StripeProvider:
    client = httpx.AsyncClient(transport=transport)
    return StripeProvider(
        key, webhook_secret="whsec", clock=CLOCK, url="https://api.stripe.test/", client=client, deadline_s=deadline_s
    )


@pytest.fixture
async def provider(double: StripeDouble) -> AsyncIterator[StripeProvider]:
    opened = provider_on(double)
    yield opened
    await opened.close()


def order(**changes: object) -> Authorise:
    members: dict[str, object] = {"key": NEW_ID(), "means": NEW_ID(), "reference": "order:1", "method": "card"}
    return Authorise(**members | {"amount": Money(1_000, "BRL"), "token": APPROVED} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1_234, "BRL"), 1_234),
        (Money(500, "JPY"), 500),
        (Money(7, "ISK"), 700),
        (Money(7, "UGX"), 700),
        (Money(700, "MGA"), 7),
        (Money(1_230, "KWD"), 1_230),
    ],
)
def test_amounts_are_in_stripes_minor_units(money: Money, amount: int) -> None:
    assert to_stripe(money) == amount
    assert from_stripe(amount, money.currency.lower()) == money


@pytest.mark.parametrize("money", [Money(701, "MGA"), Money(1_234, "KWD")])
async def test_an_amount_that_stripe_cannot_take_exactly_is_refused_unsent(
    provider: StripeProvider, double: StripeDouble, money: Money
) -> None:
    with pytest.raises(AmountUnfit):
        to_stripe(money)
    outcome = await provider.authorise(order(amount=money))
    assert (outcome.kind, outcome.reason) == ("refused", "amount_invalid")
    assert double.requests == []


@pytest.mark.parametrize(("amount", "currency"), [(701, "isk"), (1, "xxx"), (2**53, "brl"), (2**53 - 1, "mga")])
def test_an_amount_of_stripe_that_is_none_of_ours_is_unreadable(amount: int, currency: str) -> None:
    with pytest.raises(AmountUnreadable):
        from_stripe(amount, currency)


async def test_every_request_that_changes_something_has_the_key_and_names_the_means(
    provider: StripeProvider, double: StripeDouble
) -> None:
    asked = order(save=True)
    outcome = await provider.authorise(asked)
    assert outcome.record is not None
    assert double.requests == [
        ("POST", "/v1/customers", f"{asked.key}:customer"),
        ("POST", "/v1/payment_intents", asked.key),
    ]
    assert double.objects[outcome.record.ref]["metadata"] == {
        "renga_means": asked.means,
        "renga_key": asked.key,
        "renga_reference": "order:1",
    }
    assert outcome.record.key == asked.key


async def test_a_method_is_kept_without_a_payment(provider: StripeProvider, double: StripeDouble) -> None:
    outcome = await provider.authorise(order(save=True, amount=Money(0, "BRL")))
    assert outcome.kind == "accepted"
    assert outcome.record is not None
    assert (outcome.record.amount, outcome.record.captured) == (Money(0, "BRL"), 0)
    assert outcome.record.saved_ref is not None
    assert not [one for one in double.objects if one.startswith("pi_")]
    paid = await provider.authorise(order(token=None, saved_ref=outcome.record.saved_ref, recurring=True, capture=True))
    assert paid.kind == "accepted"
    found = await provider.read(outcome.record.ref, "card")
    assert found is not None
    assert found.saved_ref == outcome.record.saved_ref


@pytest.mark.parametrize("changes", [{"return_url": None}, {"recurring": True, "return_url": "https://shop.example"}])
async def test_without_a_buyer_who_can_go_somewhere_a_challenge_is_a_refusal(
    provider: StripeProvider, changes: dict[str, object]
) -> None:
    outcome = await provider.authorise(order(token=CHALLENGE, **changes))
    assert (outcome.kind, outcome.reason) == ("refused", "challenge_required")
    assert outcome.record is not None
    assert outcome.record.state == "refused"


async def test_an_authorisation_that_ended_by_itself_has_expired(
    provider: StripeProvider, double: StripeDouble
) -> None:
    made = await provider.authorise(order())
    assert made.record is not None
    assert made.record.authorised_until_ms == CLOCK.now_ms() + 7 * 86_400_000
    double.end(double.objects[made.record.ref], "automatic")
    after = await provider.read(made.record.ref, "card")
    assert after is not None
    assert after.state == "expired"


async def test_a_new_authorisation_takes_the_method_of_the_one_before(provider: StripeProvider) -> None:
    first = await provider.authorise(order(save=True))
    assert first.record is not None
    again = await provider.authorise(order(token=None, previous_ref=first.record.ref))
    assert again.kind == "accepted"
    assert again.record is not None
    assert again.record.ref != first.record.ref
    nothing = await provider.authorise(order(token=None, previous_ref=None))
    assert (nothing.kind, nothing.reason) == ("refused", "token_invalid")


async def test_a_key_that_stripe_does_not_know_as_ours_moves_nothing(double: StripeDouble) -> None:
    provider = provider_on(double, key="sk_test_another")
    outcome = await provider.authorise(order())
    assert (outcome.kind, outcome.reason) == ("refused", "provider_error")
    assert double.objects == {}
    await provider.close()


async def test_a_key_that_stays_in_use_is_unknown(double: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_client, "BUSY_PAUSE_S", 0.0)
    provider, asked = provider_on(double), order()
    double.answers[asked.key] = ("another process", None)
    assert (await provider.authorise(asked)).kind == "unknown"
    assert len(double.requests) == stripe_client.BUSY_TRIES_MAX
    await provider.close()


@pytest.mark.parametrize("status", [429, 500, 503, 301, 204])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"error": 5}', b"[" * 10_000])
async def test_an_answer_that_says_nothing_is_unknown(status: int, body: bytes) -> None:
    provider = provider_on(httpx.MockTransport(lambda _: httpx.Response(status, content=body)))
    for outcome in (
        await provider.authorise(order()),
        await provider.capture(Capture(key=NEW_ID(), ref="pi_1", amount=Money(1, "BRL"))),
    ):
        assert (outcome.kind, outcome.record) == ("unknown", None)
    await provider.close()


async def test_an_answer_with_amounts_that_are_none_is_unknown_and_not_a_refusal() -> None:
    said = {"id": "pi_1", "status": "succeeded", "amount": 701, "currency": "isk", "amount_received": 701}
    provider = provider_on(httpx.MockTransport(lambda _: httpx.Response(200, json=said)))
    assert (await provider.authorise(order())).kind == "unknown"
    await provider.close()


async def test_a_challenge_without_an_address_sends_the_buyer_nowhere() -> None:
    said = {"id": "pi_1", "status": "requires_action", "amount": 1_000, "currency": "brl"}
    said |= {"next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
    provider = provider_on(httpx.MockTransport(lambda _: httpx.Response(200, json=said)))
    outcome = await provider.authorise(order(return_url="https://shop.example/back"))
    assert (outcome.kind, outcome.reason) == ("refused", "challenge_required")
    assert outcome.record is not None
    assert outcome.record.ref == "pi_1"
    await provider.close()


async def test_a_provider_that_does_not_answer_in_time_is_unknown() -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        raise AssertionError("nobody waits for this")

    provider = provider_on(httpx.MockTransport(hang), deadline_s=0.02)
    assert (await provider.authorise(order())).kind == "unknown"
    await provider.close()


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (StripeFailure(type="card_error", code="card_declined", decline_code="lost_card"), "lost_or_stolen"),
        (StripeFailure(type="card_error", code="expired_card"), "expired_card"),
        (StripeFailure(type="card_error", code="incorrect_cvc"), "incorrect_cvc"),
        (StripeFailure(type="card_error", code="card_declined", decline_code="do_not_honor"), "card_declined"),
        (StripeFailure(type="card_error", code="card_declined", decline_code="fraudulent"), "risk_refused"),
        (StripeFailure(code="payment_intent_authentication_failure"), "challenge_failed"),
        (StripeFailure(type="card_error", code="news_of_2027"), "card_declined"),
        (StripeFailure(type="invalid_request_error", param="amount"), "amount_invalid"),
        (StripeFailure(type="invalid_request_error", param="payment_method"), "token_invalid"),
        (StripeFailure(type="idempotency_error"), "provider_error"),
    ],
)
def test_reasons_are_standard_ones(failure: StripeFailure, reason: str) -> None:
    assert reason_of(failure) == reason


def test_a_key_is_looked_for_where_its_time_says() -> None:
    made_s = CLOCK.now_ms() // 1000
    key = NEW_ID()
    assert window(key, CLOCK.now_ms()) == (made_s - 300, made_s + 300)
    assert window(key, CLOCK.now_ms() + 86_400_000) == (made_s - 300, made_s + 3_600)
    assert window("no time in it", CLOCK.now_ms()) == (made_s - 86_400, made_s + 300)
