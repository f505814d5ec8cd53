"""The janitor: unknown outcomes, what has expired, authorisations that end; what it costs when nothing is to be done."""

import msgspec
import pytest

from renga.domains.payments.contract.payments import NewMeans, Payment
from renga.domains.payments.janitor.do_due import Round
from renga.domains.payments.model.means import StoredOperation
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import Unavailable
from tests.payments.scripted_provider import CARD
from tests.payments.till import FINANCE, SHOP, card
from tests.payments.world import UNKNOWNS, World

PIX = NewMeans(method="pix", expires_in_s=600)
DAY_S = 86_400


async def rounds(world: World, count: int = 4) -> list[Round]:
    """Rounds of a worker, every five seconds."""
    done = []
    for _ in range(count):
        world.clock.advance(seconds=5)
        found = await world.work()
        assert found is not None
        done.append(found)
    return done


async def test_a_worker_without_work_asks_one_question(world: World) -> None:
    await world.till.pay(1000)
    world.clock.advance(seconds=3600)
    seen = await world.till.statements(world.work())
    assert len(seen) == 1, seen


@pytest.mark.parametrize("fault", ["unknown_before", "unknown_after", "raise_after", "hang_after"])
async def test_an_unknown_authorisation_is_asked_about_and_sent_again_with_its_key(world: World, fault: str) -> None:
    world.provider.script("authorise", fault)  # type: ignore[arg-type]  # one of the faults
    paid = await world.till.pay(1000)
    assert (paid.state, paid.captured.amount) == ("unknown", 0)
    assert await world.seconds_until_known() <= 10
    assert (await world.till.read(paid)).state == "captured"
    orders = [order for kind, order in world.provider.calls if kind == "authorise"]
    assert len(orders) == (2 if fault == "unknown_before" else 1)
    assert len(set(map(repr, orders))) == 1
    await world.deliver_waiting()
    await world.check()


async def test_an_old_authorisation_that_the_provider_does_not_know_is_not_sent(world: World) -> None:
    world.provider.script("authorise", "unknown_before")
    paid = await world.till.pay(1000)
    world.provider.away = True
    world.clock.advance(seconds=601)
    (away,) = await rounds(world, 1)
    assert (away.away, away.resolved, away.unknown) == (1, 0, 1)
    assert (await world.till.read(paid)).state == "unknown"
    world.provider.away = False
    await rounds(world)
    after = await world.till.read(paid)
    assert (after.state, after.reason, world.provider.count("authorise")) == ("declined", "expired", 1)
    await world.check()


async def test_a_younger_one_is_sent_when_the_provider_is_back(world: World) -> None:
    world.provider.script("authorise", "unknown_before")
    paid = await world.till.pay(1000)
    world.provider.away = True
    await rounds(world, 24)
    world.provider.away = False
    assert await world.seconds_until_known() <= 60
    assert ((await world.till.read(paid)).state, world.provider.count("authorise")) == ("captured", 2)


async def test_a_provider_that_is_away_is_not_asked_about_everything(world: World) -> None:
    world.provider.script("authorise", *UNKNOWNS)
    for number in range(20):
        await world.till.pay(1000, reference=f"order:{number}")
    world.provider.away = True
    found, world.provider.asked = world.provider.asked, 0
    (first,) = await rounds(world, 1)
    assert (first.away, first.resolved, world.provider.asked, found) == (20, 0, 3, 0)
    await rounds(world, 14)
    listed = await world.payments.unknown(FINANCE)
    assert [one.age_s for one in listed] == [75] * 20
    assert {(one.provider, one.kind, one.amount.amount) for one in listed} == {("sim", "authorise", 1000)}
    assert await world.payments.unknown(FINANCE, older_than_s=76) == ()
    with pytest.raises(InsufficientScope):
        await world.payments.unknown(SHOP)
    world.provider.away = False
    assert await world.seconds_until_known() <= 60
    assert (await world.payments.unknown(FINANCE, older_than_s=0), world.provider.taken) == ((), 20_000)


async def test_a_refund_that_takes_days_is_asked_about_seldom(world: World) -> None:
    paid = await world.till.pay(1000)
    world.provider.script("refund", "pending")
    await world.till.refund(paid, 300)
    for _ in range(30):
        world.clock.advance(seconds=3600)
        await world.work()
    (operation,) = await pending_operations(world, paid)
    assert operation.next_ms is not None
    assert (operation.state, operation.next_ms - world.clock.now_ms()) == ("pending", 3_600_000)
    assert await world.payments.unknown(FINANCE) == ()


async def pending_operations(world: World, paid: Payment) -> list[StoredOperation]:
    whole = await world.dependencies.store.payment(paid.id)
    assert whole is not None
    return [one for one in whole.operations if one.live]


async def test_a_pix_that_nobody_paid_expires_and_is_withdrawn(world: World) -> None:
    """What the card holds is released."""
    paid = await world.till.pay(1000, card(700), msgspec.structs.replace(PIX, amount=300))
    assert paid.state == "pending"
    world.clock.advance(seconds=599)
    await world.work()
    assert (await world.till.read(paid)).state == "pending"
    await rounds(world)
    after = await world.till.read(paid)
    assert (after.state, [one.state for one in after.means]) == ("expired", ["voided", "expired"])
    assert [one.state for one in world.provider.truth.values()] == ["voided", "voided"]
    assert await world.till.ledger() == {}
    await world.deliver_waiting()
    await world.check()


async def test_money_of_the_last_moment_is_not_lost(world: World) -> None:
    """The webhook was lost; the provider is asked before it expires."""
    paid = await world.till.pay(1000, PIX)
    world.provider.paid("sim_1")
    world.clock.advance(seconds=600)
    await rounds(world, 1)
    assert ((await world.till.read(paid)).state, world.provider.count("void")) == ("captured", 0)


async def test_nothing_expires_while_its_provider_is_away(world: World) -> None:
    paid = await world.till.pay(1000, PIX)
    world.provider.away = True
    world.clock.advance(seconds=600)
    done = await rounds(world, 12)
    assert sum(one.away for one in done) == 2  # every thirty seconds
    assert (await world.till.read(paid)).state == "pending"
    world.provider.away = False
    await rounds(world, 7)
    assert (await world.till.read(paid)).state == "expired"


async def test_a_challenge_that_nobody_takes_expires(world: World) -> None:
    world.provider.script("authorise", "action_needed")
    paid = await world.till.pay(1000)
    assert paid.state == "action_needed"
    world.clock.advance(seconds=DAY_S)
    await rounds(world)
    after = await world.till.read(paid)
    assert (after.state, after.action, world.provider.truth["sim_1"].state) == ("expired", None, "voided")


async def ending(world: World, *, reauthorise: bool = False) -> Payment:
    """An authorisation that ends within a day."""
    world.provider.methods["card"] = msgspec.structs.replace(CARD, reauthorise=reauthorise)
    paid = await world.till.pay(1000, capture="later")
    world.provider.change("sim_1", authorised_until_ms=world.clock.now_ms() + 2 * DAY_S * 1000)
    await world.deliver_waiting()
    await rounds(world, 2)
    assert "AuthorisationEnding" not in await world.till.events()
    world.clock.advance(seconds=DAY_S)
    return paid


async def told(world: World) -> list[str]:
    rows = await world.pool.fetch(
        "SELECT event->'data'->>'keeping' FROM payments.outbox WHERE event->>'type' = 'payments.AuthorisationEnding' ORDER BY 1"
    )
    return [row[0] for row in rows]


async def test_an_authorisation_that_ends_is_replaced_where_the_provider_can(world: World) -> None:
    paid = await ending(world, reauthorise=True)
    await rounds(world, 3)
    order = world.provider.calls[-1][1]
    assert (order.previous_ref, order.amount.amount) == ("sim_1", 1000)  # type: ignore[union-attr]
    assert await told(world) == ["reauthorised"]
    world.provider.change("sim_1", state="voided")
    await world.deliver_waiting()
    assert (await world.till.capture(paid)).state == "captured"
    assert (world.provider.truth["sim_1"].captured, world.provider.truth["sim_2"].captured) == (0, 1000)
    await world.deliver_waiting()
    await world.check()


@pytest.mark.parametrize("fault", ["unknown_before", "unknown_after"])
async def test_an_unknown_replacement_is_resolved(world: World, fault: str) -> None:
    paid = await ending(world, reauthorise=True)
    world.provider.script("authorise", fault)  # type: ignore[arg-type]  # one of the faults
    await rounds(world, 4)
    world.provider.change("sim_1", state="voided")
    await world.deliver_waiting()
    await rounds(world, 4)
    assert (await world.till.capture(paid)).captured.amount == 1000
    await world.recover()
    await world.check()


async def test_a_refused_replacement_leaves_the_old_authorisation(world: World) -> None:
    paid = await ending(world, reauthorise=True)
    world.provider.script("authorise", "refuse")
    await rounds(world, 3)
    assert ((await world.till.read(paid)).state, await told(world)) == ("authorised", ["nothing", "reauthorised"])
    assert (await world.till.capture(paid)).state == "captured"
    assert world.provider.truth["sim_1"].captured == 1000


async def test_an_authorisation_that_ends_is_captured_if_the_shop_wants_it(world: World) -> None:
    world.use(ending_authorisation="capture")
    paid = await ending(world)
    await rounds(world, 3)
    assert ((await world.till.read(paid)).state, await told(world)) == ("captured", ["captured"])


async def test_an_authorisation_that_cannot_be_kept_is_told_once(world: World) -> None:
    paid = await ending(world)
    await rounds(world, 5)
    assert ((await world.till.read(paid)).state, await told(world)) == ("authorised", ["nothing"])
    assert [kind for kind, _ in world.provider.calls] == ["authorise"]


async def test_late_money_is_accepted_if_its_owner_takes_it(world: World) -> None:
    class Orders:
        asked = 0

        async def settle(self, reference: str, amount: object) -> str:
            self.asked += 1
            if self.asked == 1:
                raise Unavailable("orders are away")
            return "accept"

    orders = Orders()
    world.payments.answer_late_money(orders)  # type: ignore[arg-type]  # a part of it
    paid = await world.till.pay(1000, PIX)
    world.clock.advance(seconds=600)
    await rounds(world, 3)
    world.provider.paid("sim_1")
    await world.deliver_waiting()
    await world.work()
    assert await world.till.ledger() == {"clearing:sim": 1000, "customer:order:1": -1000}
    await rounds(world, 5)
    assert (orders.asked, await world.till.ledger()) == (2, {"clearing:sim": 1000, "platform": -1000})
    assert ((await world.till.read(paid)).state, world.provider.count("refund")) == ("captured", 0)
    await world.check()
