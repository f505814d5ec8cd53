"""Webhooks: each event has its effect once, in any order; those that fit nothing wait; races under the payment's lock."""

import asyncio
import itertools

import msgspec
import pytest

from renga.domains.payments.contract.errors import (
    PaymentInvalid,
    ProviderNotFound,
    WebhookEventNotFound,
    WebhookInvalid,
)
from renga.domains.payments.contract.payments import NewMeans
from renga.domains.payments.contract.webhooks import WEBHOOK_BYTES_MAX
from renga.domains.payments.ports.provider import ProviderDispute, ProviderEvent, ProviderRecord
from renga.kernel.caller import ANONYMOUS, InsufficientScope
from renga.kernel.errors import TooLarge, Unauthenticated
from renga.kernel.money import Money
from tests.payments.till import FINANCE, SHOP
from tests.payments.world import World

PIX = NewMeans(method="pix")


async def parked(world: World) -> list[tuple[str, str | None]]:
    page = await world.payments.webhook_events(FINANCE, state="parked")
    return [(one.id, one.reason) for one in page.items]


def stranger(**members: object) -> ProviderEvent:
    """A payment that nobody here knows."""
    record = ProviderRecord(ref="other_1", state="captured", amount=Money(100, "BRL"), captured=100)
    fields: dict[str, object] = {"id": "strange", "kind": "paid", "ref": "other_1", "record": record}
    return ProviderEvent(**(fields | members))  # type: ignore[arg-type]  # members of the struct


async def test_events_have_their_effect_once_in_every_order(world: World) -> None:
    """Pending, paid, refunded in part, disputed: whatever comes first, the end is the same."""
    for order in itertools.permutations(range(4)):
        paid = await world.till.pay(1000, PIX, reference=f"order:{order}")
        ref = list(world.provider.truth)[-1]
        world.provider.paid(ref)
        world.provider.change(ref, refunded=300)
        world.provider.change(ref, disputes=(ProviderDispute(id=f"d-{ref}", state="opened", amount=50, reason="x"),))
        events = [one.id for one in world.provider.waiting]
        world.provider.waiting.clear()
        assert await world.deliver(*[events[place] for place in order]) == 4
        assert await world.deliver(*events) == 0
        after = await world.till.read(paid)
        assert (after.state, after.captured.amount, after.refunded.amount) == ("disputed", 1000, 300)
    rows = await world.pool.fetch("SELECT state, tries FROM payments.webhook_events")
    assert [tuple(row) for row in rows] == [("applied", 1)] * 96
    await world.check_ledger()


async def test_a_message_of_many_events_has_the_effects_of_all(world: World) -> None:
    await world.till.pay(1000, PIX)
    world.provider.paid("sim_1")
    receipt = await world.payments.receive("sim", {}, b"evt_1,evt_2")
    assert (receipt.events, receipt.new) == (2, 2)
    receipt = await world.payments.receive("sim", {}, b"evt_2,evt_1")
    assert (receipt.events, receipt.new) == (2, 0)


async def _challenged(world: World) -> str:
    """A payment whose buyer has passed the challenge; the provider's message waits."""
    world.provider.script("authorise", "action_needed")
    paid = await world.till.pay(1000)
    world.provider.waiting.clear()
    world.provider.change("sim_1", state="authorised", action=None)
    return paid.id


async def test_the_money_is_taken_when_the_message_after_a_challenge_is_answered(world: World) -> None:
    payment = await _challenged(world)
    await world.deliver_waiting()
    assert (await world.payments.payment(FINANCE, payment)).state == "captured"
    assert (world.provider.count("capture"), world.provider.taken) == (1, 1000)
    await world.check()


async def test_a_message_is_taken_though_what_follows_fails_and_a_worker_does_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renga.domains.payments.webhooks.carry_on.CARRY_ON_S", 0.05)
    world.use(deadline_ms=60_000)
    payment = await _challenged(world)
    world.provider.script("capture", "hang_before")
    assert await world.deliver(*[one.id for one in world.provider.waiting]) == 1
    assert (await world.payments.payment(FINANCE, payment)).state == "authorised"
    await world.recover()
    assert (await world.payments.payment(FINANCE, payment)).state == "captured"
    await world.check()


async def test_an_event_that_names_a_payment_is_read_at_the_provider_once(world: World) -> None:
    world.provider.bare = True
    paid = await world.till.pay(1000, PIX)
    world.provider.paid("sim_1")
    assert await world.deliver("evt_1", "evt_2", "evt_2") == 2
    assert (await world.till.read(paid)).state == "captured"
    # a repeated one is not asked about again
    world.provider.away = True
    assert await world.deliver("evt_1", "evt_2") == 0
    assert await parked(world) == []


async def test_an_event_waits_while_its_provider_is_away(world: World) -> None:
    world.provider.bare = True
    paid = await world.till.pay(1000, PIX)
    world.provider.paid("sim_1")
    world.provider.away = True
    assert await world.deliver("evt_2") == 1
    assert await parked(world) == [("evt_2", "provider_away")]
    assert (await world.till.read(paid)).state == "pending"
    await world.work()  # its time has not come
    world.provider.away = False
    world.clock.advance(seconds=1)
    await world.work()
    assert ((await world.till.read(paid)).state, await parked(world)) == ("captured", [])


async def test_an_event_that_fits_nothing_waits_and_is_given_up(world: World) -> None:
    world.provider.events.append(stranger())
    assert await world.deliver("strange") == 1
    assert await world.deliver("strange") == 0
    assert await parked(world) == [("strange", "unknown_payment")]
    assert await world.till.ledger() == {}
    for _ in range(40):
        world.clock.advance(seconds=86_400)
        await world.work()
    (event,) = (await world.payments.webhook_events(FINANCE)).items
    assert (event.state, event.reason, event.next_at, event.tries) == ("ignored", "given_up", None, 18)


@pytest.mark.parametrize("metadata", [True, False])
async def test_a_webhook_before_the_answer_is_not_lost(world: World, metadata: bool) -> None:
    """With our id in it it is applied at once; without, as soon as the answer is written."""
    world.provider.metadata = metadata
    world.provider.script("authorise", "unknown_after")
    paid = await world.till.pay(1000)
    assert paid.state == "unknown"
    await world.deliver_waiting()
    if metadata:
        assert await parked(world) == []
    else:
        assert await parked(world) == [("evt_1", "unknown_payment")]
    for _ in range(3):
        world.clock.advance(seconds=5)
        await world.work()
    await world.deliver_waiting()
    after = await world.till.read(paid)
    assert (after.state, after.captured.amount, await parked(world)) == ("captured", 1000, [])
    await world.check()


async def test_finance_replays_a_parked_event(world: World) -> None:
    world.provider.events.append(stranger())
    await world.deliver("strange")
    before = await world.payments.replay(FINANCE, "sim", "strange")
    assert (before.state, before.tries, before.reason) == ("parked", 2, "unknown_payment")
    paid = await world.till.pay(100, PIX)
    await world.pool.execute("UPDATE payments.means SET provider_ref = 'other_1'")
    after = await world.payments.replay(FINANCE, "sim", "strange")
    assert (after.state, after.reason, after.payment, after.next_at) == ("applied", None, paid.id, None)
    assert (await world.till.read(paid)).captured.amount == 100
    again = await world.payments.replay(FINANCE, "sim", "strange")
    assert (again.state, again.tries) == ("applied", 3)
    assert await world.deliver("strange") == 0


async def test_another_payment_with_our_id_is_not_applied(world: World) -> None:
    """A means that has its payment at the provider does not take money of another one."""
    paid = await world.till.pay(1000, PIX)
    record = ProviderRecord(ref="other_1", state="captured", amount=Money(1000, "BRL"), captured=1000)
    world.provider.events.append(stranger(means=paid.means[0].id, record=record))
    await world.deliver("strange")
    assert await parked(world) == [("strange", "conflict")]
    over = stranger(
        id="over", means=paid.means[0].id, record=msgspec.structs.replace(record, state="voided", captured=0)
    )
    world.provider.events.append(over)
    await world.deliver("over")
    assert (await world.payments.webhook_events(FINANCE, state="ignored")).items[0].reason == "no_effect"
    assert ((await world.till.read(paid)).state, await world.till.ledger()) == ("pending", {})


async def test_another_currency_is_not_applied(world: World) -> None:
    paid = await world.till.pay(1000, PIX)
    record = msgspec.structs.replace(
        world.provider.truth["sim_1"], state="captured", captured=9, amount=Money(9, "EUR")
    )
    world.provider.events.append(stranger(ref="sim_1", record=record))
    await world.deliver("strange")
    assert await parked(world) == [("strange", "conflict")]
    assert ((await world.till.read(paid)).state, await world.till.ledger()) == ("pending", {})


async def test_pages_go_through_all_events_newest_first(world: World) -> None:
    for number in range(7):
        world.clock.advance(ms=number % 2)
        world.provider.events.append(stranger(id=f"e:{number}"))
        await world.deliver(f"e:{number}")
    seen, cursor = [], None
    while True:
        page = await world.payments.webhook_events(FINANCE, state="parked", cursor=cursor, limit=3)
        seen += [one.id for one in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == [f"e:{number}" for number in reversed(range(7))]
    for wrong in ("x", "1:sim", "-1:sim:e", "1" * 16 + ":sim:e", "1:sim:\0", "٣:sim:e"):
        with pytest.raises(PaymentInvalid):
            await world.payments.webhook_events(FINANCE, cursor=wrong)
    for limit in (0, 101):
        with pytest.raises(PaymentInvalid):
            await world.payments.webhook_events(FINANCE, limit=limit)


async def test_who_may_not_sees_and_changes_nothing(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await world.payments.webhook_events(ANONYMOUS)
    with pytest.raises(InsufficientScope):
        await world.payments.replay(SHOP, "sim", "evt_1")
    with pytest.raises(WebhookEventNotFound):
        await world.payments.replay(FINANCE, "sim", "\0")


async def test_what_is_no_message_is_refused_before_anything_is_kept(world: World) -> None:
    world.provider.events.append(stranger(id="bad", kind="\0"))
    with pytest.raises(ProviderNotFound):
        await world.payments.receive("nobody", {}, b"")
    with pytest.raises(TooLarge):
        await world.payments.receive("sim", {}, b"x" * (WEBHOOK_BYTES_MAX + 1))
    with pytest.raises(WebhookInvalid):
        await world.payments.receive("sim", {}, b"bad")
    assert await world.pool.fetchval("SELECT count(*) FROM payments.webhook_events") == 0


async def test_two_equal_webhooks_at_once_have_one_effect(world: World) -> None:
    paid = await world.till.pay(1000, PIX)
    world.provider.paid("sim_1")
    done = await asyncio.gather(*[world.payments.receive("sim", {}, b"evt_2") for _ in range(6)])
    assert sorted(one.new for one in done) == [0, 0, 0, 0, 0, 1]
    assert (await world.till.read(paid)).captured.amount == 1000
    strange = stranger()
    world.provider.events.append(strange)
    done = await asyncio.gather(*[world.payments.receive("sim", {}, b"strange") for _ in range(6)])
    assert sorted(one.new for one in done) == [0, 0, 0, 0, 0, 1]


async def test_a_webhook_and_a_void_that_meet_are_ordered(world: World) -> None:
    """Paid first: the void is refused. Voided first: the money is late and goes back. Never both, never neither."""
    ends = set()
    for number in range(12):
        paid = await world.till.pay(1000, PIX, reference=f"order:{number}")
        await world.deliver_waiting()
        world.provider.paid(list(world.provider.truth)[-1])
        event = world.provider.waiting.pop().id
        both = [world.deliver(event), world.till.void(paid)]
        if number % 2:
            both.reverse()
        await asyncio.gather(*both, return_exceptions=True)
        await world.recover()
        after = await world.till.read(paid)
        ends.add((after.state, after.captured.amount, after.refunded.amount))
        await world.check()
    assert ends <= {("captured", 1000, 0), ("refunded", 1000, 1000)}
    assert world.provider.count("refund") == sum(1 for one in world.provider.truth.values() if one.refunded)


async def test_a_webhook_and_the_janitor_that_meet_are_ordered(world: World) -> None:
    for number in range(8):
        world.provider.script("authorise", "unknown_after")
        paid = await world.till.pay(1000, reference=f"order:{number}")
        world.clock.advance(seconds=2)
        event = world.provider.waiting.pop().id
        await asyncio.gather(world.deliver(event), world.work(), world.work())
        await world.recover()
        after = await world.till.read(paid)
        assert (after.state, after.captured.amount) == ("captured", 1000)
        await world.check()
    assert [world.provider.count(kind) for kind in ("authorise", "capture")] == [8, 8]
