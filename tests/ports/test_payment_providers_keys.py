"""Idempotency keys at every provider: one effect for each, the truth about answers that got lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.ports.provider import Outcome, ProviderRecord
from renga.kernel.money import Money
from tests.ports.payment_lab import AMOUNT, ProviderLab
from tests.ports.payment_link import Fault

#: What answers is a provider: its addresses may be like the shop's, its answers are its own.
pytestmark = pytest.mark.stand_ins

TOTAL = AMOUNT.amount
KINDS = ["authorise", "capture", "void", "refund"]
LOST: list[Fault] = ["after", "500", "garbage"]
Operation = Callable[[], Awaitable[Outcome]]


class Doing:
    """One operation of a kind, ready to be sent any number of times with one key."""

    def __init__(self, lab: ProviderLab, kind: str, before: ProviderRecord | None, key: str) -> None:
        self.lab, self.kind, self.before, self.key = lab, kind, before, key
        self.order = lab.new(key=key)

    async def send(self, amount: int | None = None) -> Outcome:
        """``amount`` None: 400 of a refund, else the whole."""
        if self.kind == "authorise":
            order = self.order if amount is None else self.lab.new(key=self.key, amount=Money(amount, "BRL"))
            return await self.lab.provider.authorise(order)
        assert self.before is not None
        if self.kind == "capture":
            return await self.lab.capture(self.before.ref, amount or TOTAL, key=self.key)
        if self.kind == "void":
            return await self.lab.void(self.before.ref, key=self.key)
        return await self.lab.refund(self.before.ref, amount or 400, key=self.key)

    async def find(self) -> Outcome | None:
        return await self.lab.find(self.key, self.kind, self.before.ref if self.before else None)

    async def effect(self) -> tuple[Any, ...]:
        """What the provider says now about the payment before the operation."""
        assert self.before is not None
        now = await self.lab.now(self.before.ref)
        return now.state, now.captured, now.refunded

    @property
    def wanted(self) -> tuple[Any, ...]:
        """The state and the totals after the operation took place once."""
        done = {"capture": ("captured", TOTAL, 0), "void": ("voided", 0, 0), "refund": ("captured", TOTAL, 400)}
        return done[self.kind]


@pytest.fixture(params=KINDS)
async def doing(request: pytest.FixtureRequest, paying: ProviderLab) -> Doing:
    kind = request.param
    if kind == "capture" and paying.can.captures == "none":
        pytest.skip("there is nothing to capture")
    if kind == "authorise":
        return Doing(paying, kind, None, paying.new_id())
    before = await (paying.captured() if kind == "refund" else paying.authorised())
    return Doing(paying, kind, before, paying.new_id())


async def payments_made(lab: ProviderLab) -> list[str]:
    """The payments that the provider lists for today."""
    return sorted([record.ref async for record in lab.provider.records(lab.day())])


async def test_the_same_key_again_has_one_effect(doing: Doing) -> None:
    doing.lab.needs("keys")
    first, second = await doing.send(), await doing.send()
    assert first.kind in ("accepted", "pending")
    assert second.kind == first.kind
    assert first.record is not None
    assert second.record is not None
    assert second.record.ref == first.record.ref
    if doing.kind == "authorise":
        assert await payments_made(doing.lab) == [first.record.ref]
    else:
        assert await doing.effect() == doing.wanted


async def test_the_same_key_at_the_same_time_has_one_effect(doing: Doing) -> None:
    doing.lab.needs("keys")
    done = await asyncio.gather(*(doing.send() for _ in range(5)))
    assert {outcome.kind for outcome in done} <= {"accepted", "pending", "unknown"}
    refs = {outcome.record.ref for outcome in done if outcome.record}
    assert len(refs) == 1
    if doing.kind == "authorise":
        assert await payments_made(doing.lab) == list(refs)
    else:
        assert await doing.effect() == doing.wanted


async def test_the_same_key_with_another_amount_moves_nothing_more(doing: Doing) -> None:
    doing.lab.needs("keys")
    if doing.kind == "void":
        pytest.skip("a void has no amount")
    first = await doing.send()
    assert first.record is not None
    again = await doing.send(amount=300)
    assert again.kind in ("refused", "unknown")
    if doing.kind == "authorise":
        assert (await doing.lab.now(first.record.ref)).amount == AMOUNT
        assert await payments_made(doing.lab) == [first.record.ref]
    else:
        assert again.record is None or again.record.refunded == first.record.refunded
        assert await doing.effect() == doing.wanted


@pytest.mark.parametrize("fault", LOST)
async def test_an_answer_that_got_lost_is_unknown_and_found_as_what_happened(doing: Doing, fault: Fault) -> None:
    doing.lab.needs(f"find {doing.kind}")
    doing.lab.link.fault = fault
    outcome = await doing.send()
    assert (outcome.kind, outcome.record) == ("unknown", None)
    found = await doing.find()
    assert found is not None
    assert found.kind == ("pending" if doing.kind == "authorise" and doing.lab.can.asynchronous else "accepted")
    assert found.record is not None
    if doing.kind == "authorise":
        assert (found.record.amount, found.record.captured) == (AMOUNT, 0)
        assert await doing.lab.now(found.record.ref) == found.record
    else:
        assert (found.record.state, found.record.captured, found.record.refunded) == doing.wanted
        assert await doing.effect() == doing.wanted


async def test_a_request_that_got_lost_is_unknown_and_not_found_and_can_be_sent_again(doing: Doing) -> None:
    doing.lab.needs(f"find {doing.kind}")
    doing.lab.link.fault = "before"
    assert (await doing.send()).kind == "unknown"
    assert await doing.find() is None
    assert (await doing.send()).kind in ("accepted", "pending")
    if doing.kind != "authorise":
        assert await doing.effect() == doing.wanted
    assert await doing.find() is not None


async def test_what_was_never_sent_is_refused_and_not_found(doing: Doing) -> None:
    doing.lab.needs(f"find {doing.kind}")
    before = None if doing.before is None else await doing.effect()
    doing.lab.link.down = True
    outcome = await doing.send()
    assert (outcome.kind, outcome.reason, outcome.record) == ("refused", "provider_error", None)
    doing.lab.link.down = False
    assert await doing.find() is None
    assert before is None or await doing.effect() == before


async def test_a_key_that_was_never_used_is_not_found(paying: ProviderLab) -> None:
    paying.needs("find authorise")
    record = await paying.authorised()
    for kind in KINDS:
        assert await paying.find(paying.new_id(), kind, None if kind == "authorise" else record.ref) is None
    for key in ("x", "\x00", "é", "k" * 300):
        assert await paying.find(key, "authorise") is None


async def test_each_refund_is_found_by_its_own_key(paying: ProviderLab) -> None:
    ref = (await paying.captured()).ref
    first, second, never = (paying.new_id() for _ in range(3))
    await paying.refund(ref, 300, key=first)
    assert await paying.find(second, "refund", ref) is None
    await paying.refund(ref, 200, key=second)
    for key in (first, second):
        found = await paying.find(key, "refund", ref)
        assert found is not None
        assert found.kind == "accepted"
    assert await paying.find(never, "refund", ref) is None


async def test_each_capture_is_found_by_its_own_key(cards: ProviderLab) -> None:
    cards.needs("capture keys")
    ref = (await cards.authorised()).ref
    first, second = cards.new_id(), cards.new_id()
    many = cards.can.captures == "many"
    await cards.capture(ref, 300 if many else TOTAL, key=first, final=not many)
    assert await cards.find(second, "capture", ref) is None
    assert await cards.find(first, "capture", ref) is not None
    if many:
        await cards.capture(ref, 200, key=second)
        assert await cards.find(second, "capture", ref) is not None


async def test_a_refusal_whose_answer_got_lost_is_found_as_a_refusal(cards: ProviderLab) -> None:
    cards.needs("find authorise")
    order = cards.new(token=cards.tokens["declined"])
    cards.link.fault = "after"
    assert (await cards.provider.authorise(order)).kind == "unknown"
    found = await cards.find(order.key, "authorise")
    assert found is not None
    assert (found.kind, found.reason) == ("refused", "card_declined")


async def test_questions_to_a_provider_that_is_away_say_so(paying: ProviderLab) -> None:
    record = await paying.authorised()
    paying.link.down = True
    with pytest.raises(ProviderAway):
        await paying.provider.read(record.ref, paying.method)
    with pytest.raises(ProviderAway):
        await paying.find(paying.new_id(), "authorise")
    with pytest.raises(ProviderAway):
        await payments_made(paying)
