"""What every provider of card payments does."""

import pytest

from renga.kernel.money import Money
from tests.ports.payment_lab import AMOUNT, ProviderLab

#: What answers is a provider: its addresses may be like the shop's, its answers are its own.
pytestmark = pytest.mark.stand_ins

TOTAL = AMOUNT.amount


async def test_an_authorisation_is_for_exactly_the_amount_and_takes_nothing(cards: ProviderLab) -> None:
    record = await cards.authorised()
    assert (record.state, record.amount, record.captured, record.refunded) == ("authorised", AMOUNT, 0, 0)
    assert record.method == "card"
    assert await cards.now(record.ref) == record


async def test_a_payment_shows_brand_and_last_digits_of_the_card(cards: ProviderLab) -> None:
    cards.needs("card summary")
    record = await cards.authorised()
    assert record.card is not None
    assert (record.card.brand.lower(), record.card.last4) == ("visa", "4242")


async def test_capture_at_once_takes_exactly_the_amount(cards: ProviderLab) -> None:
    record = await cards.captured()
    assert (record.state, record.amount, record.captured, record.refunded) == ("captured", AMOUNT, TOTAL, 0)


async def test_a_capture_of_the_whole_takes_it(cards: ProviderLab) -> None:
    record = await cards.authorised()
    outcome = await cards.capture(record.ref, TOTAL)
    assert (outcome.kind, outcome.reason) == ("accepted", None)
    after = await cards.now(record.ref)
    assert outcome.record == after
    assert (after.state, after.captured, after.refunded) == ("captured", TOTAL, 0)


async def test_a_part_is_captured_only_if_the_capabilities_say_so(cards: ProviderLab) -> None:
    cards.needs("partial capture")
    record = await cards.authorised()
    outcome = await cards.capture(record.ref, 600)
    after = await cards.now(record.ref)
    wanted = ("accepted", "captured", 600) if cards.can.partial_capture else ("refused", "authorised", 0)
    assert (outcome.kind, after.state, after.captured) == wanted


async def test_a_second_capture_takes_place_only_if_the_capabilities_say_many(cards: ProviderLab) -> None:
    cards.needs("partial capture")
    record = await cards.authorised()
    first = 600 if cards.can.partial_capture else TOTAL
    await cards.capture(record.ref, first, final=False)
    outcome = await cards.capture(record.ref, 300)
    after = await cards.now(record.ref)
    if cards.can.captures == "many":
        assert (outcome.kind, after.captured, after.state) == ("accepted", first + 300, "captured")
        assert (await cards.capture(record.ref, 1)).kind == "refused"
    else:
        assert (outcome.kind, after.captured) == ("refused", first)


@pytest.mark.parametrize("amount", [TOTAL + 1, 2**53 - 1])
async def test_a_capture_above_the_authorisation_is_refused_and_takes_nothing(cards: ProviderLab, amount: int) -> None:
    record = await cards.authorised()
    outcome = await cards.capture(record.ref, amount)
    assert outcome.kind == "refused"
    assert outcome.reason == cards.reasons.get("capture above", "amount_invalid")
    assert await cards.now(record.ref) == record


async def test_a_void_releases_the_authorisation_for_good(cards: ProviderLab) -> None:
    record = await cards.authorised()
    outcome = await cards.void(record.ref)
    assert outcome.kind == "accepted"
    assert outcome.record is not None
    assert (outcome.record.state, outcome.record.captured) == ("voided", 0)
    cards.needs("final void")
    assert (await cards.capture(record.ref, TOTAL)).kind == "refused"
    after = await cards.now(record.ref)
    assert (after.state, after.captured) == ("voided", 0)


async def test_what_is_captured_cannot_be_voided(cards: ProviderLab) -> None:
    record = await cards.captured()
    outcome = await cards.void(record.ref)
    assert outcome.kind == "refused"
    assert outcome.reason is not None
    assert await cards.now(record.ref) == record


@pytest.mark.parametrize(("token", "reason"), [("declined", "card_declined"), ("poor", "insufficient_funds")])
async def test_a_refusal_has_the_standard_reason_and_no_effect(cards: ProviderLab, token: str, reason: str) -> None:
    cards.needs(reason)
    outcome = await cards.provider.authorise(cards.new(token=cards.tokens[token], capture=True))
    assert (outcome.kind, outcome.reason) == ("refused", reason)
    if outcome.record is not None:
        after = await cards.now(outcome.record.ref)
        assert (after.state, after.captured, after.refusal) == ("refused", 0, reason)


@pytest.mark.parametrize("token", ["pm_nobodys", "tok_nobodys", "", "é", "x" * 500, "../payment_intents"])
async def test_a_token_that_is_none_is_refused(cards: ProviderLab, token: str) -> None:
    outcome = await cards.provider.authorise(cards.new(token=token))
    assert outcome.kind == "refused"
    assert outcome.reason in {"token_invalid", cards.reasons.get("token")}


async def test_a_challenge_sends_the_buyer_to_the_provider_and_goes_on_afterwards(cards: ProviderLab) -> None:
    cards.needs("challenge")
    assert cards.passes is not None
    outcome = await cards.provider.authorise(cards.new(token=cards.tokens["challenge"]))
    assert outcome.kind == "action_needed"
    assert outcome.record is not None
    assert (outcome.record.state, outcome.record.captured) == ("action_needed", 0)
    assert outcome.record.action is not None
    assert outcome.record.action.url.startswith(("https://", "http://127.0.0.1"))
    await cards.passes(outcome.record)
    after = await cards.now(outcome.record.ref)
    assert (after.state, after.captured, after.action) == ("authorised", 0, None)


async def test_a_challenge_can_be_withdrawn(cards: ProviderLab) -> None:
    cards.needs("challenge")
    outcome = await cards.provider.authorise(cards.new(token=cards.tokens["challenge"]))
    assert outcome.record is not None
    assert (await cards.void(outcome.record.ref)).kind == "accepted"
    assert (await cards.now(outcome.record.ref)).state == "voided"


async def test_a_saved_method_pays_again_until_it_is_removed(cards: ProviderLab) -> None:
    cards.needs("saved")
    if not cards.can.saved:
        pytest.skip("this provider saves no methods")
    kept = (await cards.captured(save=True)).saved_ref
    assert kept is not None
    again = await cards.captured(token=None, saved_ref=kept, recurring=True, amount=Money(700, "BRL"))
    assert (again.state, again.captured) == ("captured", 700)
    await cards.provider.remove_saved(kept)
    await cards.provider.remove_saved(kept)
    outcome = await cards.provider.authorise(cards.new(token=None, saved_ref=kept, recurring=True))
    assert (outcome.kind, outcome.reason) == ("refused", "token_invalid")


async def test_a_payment_that_keeps_no_method_has_no_saved_method(cards: ProviderLab) -> None:
    assert (await cards.captured()).saved_ref is None


@pytest.mark.parametrize("end", ["won", "lost"])
async def test_a_dispute_is_told_with_its_amount_and_its_end(cards: ProviderLab, end: str) -> None:
    cards.needs("disputes")
    assert cards.can.disputes
    assert cards.dispute is not None
    record = await cards.captured()
    close = await cards.dispute(record.ref, 400)
    (opened,) = (await cards.now(record.ref)).disputes
    assert (opened.state, opened.amount) == ("opened", 400)
    await close(end)
    (closed,) = (await cards.now(record.ref)).disputes
    assert (closed.id, closed.state, closed.amount) == (opened.id, end, 400)


async def test_capabilities_say_what_can_be_asked(paying: ProviderLab) -> None:
    assert paying.provider.name.isascii()
    assert paying.provider.name.islower()
    assert paying.method in paying.provider.capabilities.methods
    for url in (paying.provider.capabilities.tokens_url, paying.provider.capabilities.frame_url):
        assert url is None or url.startswith(("https://", "http://127.0.0.1"))
    assert 1 <= paying.can.amount_min <= paying.can.amount_max
    assert paying.can.asynchronous == (paying.method in ("pix", "boleto"))
    other = "boleto" if paying.method != "boleto" else "card"
    if other not in paying.provider.capabilities.methods:
        outcome = await paying.provider.authorise(paying.new(method=other))
        assert (outcome.kind, outcome.reason) == ("refused", "method_unavailable")
