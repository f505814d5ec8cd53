"""Refunds at every provider, for each of its methods."""

import pytest

from tests.ports.payment_lab import AMOUNT, ProviderLab

#: What answers is a provider: its addresses may be like the shop's, its answers are its own.
pytestmark = pytest.mark.stand_ins

TOTAL = AMOUNT.amount


async def test_a_refund_of_the_whole_gives_it_back(paying: ProviderLab) -> None:
    record = await paying.captured()
    outcome = await paying.refund(record.ref, TOTAL)
    assert (outcome.kind, outcome.reason) == ("accepted", None)
    after = await paying.now(record.ref)
    assert (after.captured, after.refunded) == (TOTAL, TOTAL)
    assert outcome.record == after


async def test_parts_are_refunded_as_often_as_the_capabilities_say(paying: ProviderLab) -> None:
    record = await paying.captured()
    first = await paying.refund(record.ref, 300)
    second = await paying.refund(record.ref, 200)
    after = await paying.now(record.ref)
    if not paying.can.partial_refund:
        assert (first.kind, second.kind, after.refunded) == ("refused", "refused", 0)
    elif paying.can.refunds == "many":
        assert (first.kind, second.kind, after.refunded) == ("accepted", "accepted", 500)
    else:
        assert (first.kind, second.kind, after.refunded) == ("accepted", "refused", 300)


@pytest.mark.parametrize("amount", [TOTAL + 1, 10 * TOTAL, 2**53 - 1])
async def test_a_refund_above_what_was_captured_is_refused(paying: ProviderLab, amount: int) -> None:
    paying.needs("refund limits")
    record = await paying.captured()
    outcome = await paying.refund(record.ref, amount)
    assert (outcome.kind, outcome.reason) == ("refused", "amount_invalid")
    assert await paying.now(record.ref) == record


async def test_a_refund_above_what_is_left_is_refused(paying: ProviderLab) -> None:
    paying.needs("refund limits")
    record = await paying.captured()
    await paying.refund(record.ref, 700)
    outcome = await paying.refund(record.ref, 301)
    assert (outcome.kind, outcome.reason) == ("refused", "amount_invalid")
    assert (await paying.now(record.ref)).refunded == 700
    assert (await paying.refund(record.ref, 300)).kind == "accepted"
    assert (await paying.now(record.ref)).refunded == TOTAL
    assert (await paying.refund(record.ref, 1)).kind == "refused"
    assert (await paying.now(record.ref)).refunded == TOTAL


async def test_what_was_not_captured_cannot_be_refunded(paying: ProviderLab) -> None:
    paying.needs("refund limits")
    record = await paying.authorised()
    outcome = await paying.refund(record.ref, 1)
    assert outcome.kind == "refused"
    assert outcome.reason is not None
    assert await paying.now(record.ref) == record


async def test_a_partial_capture_can_be_refunded_up_to_the_captured_part(cards: ProviderLab) -> None:
    cards.needs("partial capture")
    cards.needs("refund limits")
    record = await cards.authorised()
    await cards.capture(record.ref, 600)
    assert (await cards.refund(record.ref, 601)).kind == "refused"
    assert (await cards.refund(record.ref, 600)).kind == "accepted"
    after = await cards.now(record.ref)
    assert (after.captured, after.refunded) == (600, 600)


@pytest.mark.parametrize("ref", ["pi_nobodys", "nobodys", "../pi_1", "a/b", "é", "\x00", "\ud800", "x" * 300, "?", ""])
async def test_operations_on_a_payment_that_does_not_exist_are_refused(paying: ProviderLab, ref: str) -> None:
    done = [await paying.capture(ref, 1), await paying.void(ref), await paying.refund(ref, 1)]
    assert [outcome.kind for outcome in done] == ["refused"] * 3
    assert await paying.provider.read(ref, paying.method) is None
