"""Risk between authorise and capture: held for a review, decided once; and the pause after many declines."""

import asyncio

import pytest

from renga.domains.payments.contract.errors import PaymentNotFound, PaymentStateConflict, TooManyAttempts
from renga.domains.payments.contract.payments import NewMeans, Payer, Payment
from renga.domains.payments.risk.settings import RiskSettings
from renga.kernel.caller import InsufficientScope
from tests.payments.till import FINANCE, SHOP, card
from tests.payments.world import REFUSALS, World

RULES = RiskSettings(review_above="BRL=5000", refuse_above="BRL=90000")
ANA = Payer(address="203.0.113.9")


@pytest.fixture
def strict(world: World) -> World:
    world.use(risk=RULES)
    return world


async def taken(world: World, paid: Payment) -> tuple[str, int]:
    return (await world.till.read(paid)).state, world.provider.taken


async def test_an_ordinary_amount_is_captured(strict: World) -> None:
    assert (await strict.till.pay(5000)).state == "captured"


async def test_a_very_high_amount_is_released(strict: World) -> None:
    paid = await strict.till.pay(90001)
    assert (paid.state, paid.reason, strict.provider.truth["sim_1"].state) == ("declined", "risk_refused", "voided")
    assert await strict.till.ledger() == {}


async def test_a_payment_in_review_waits_for_finance(strict: World) -> None:
    paid = await strict.till.pay(5001)
    strict.clock.advance(seconds=3600)
    await strict.work()
    assert await taken(strict, paid) == ("authorised", 0)
    with pytest.raises(PaymentStateConflict):
        await strict.till.capture(paid)
    with pytest.raises(InsufficientScope):
        await strict.payments.review(SHOP, paid.id, "accept")
    with pytest.raises(PaymentNotFound):
        await strict.payments.review(FINANCE, "nothing", "accept")
    assert await taken(strict, paid) == ("authorised", 0)


async def test_an_accepted_payment_is_captured_once(strict: World) -> None:
    paid = await strict.till.pay(5001)
    done = await asyncio.gather(
        *[strict.payments.review(FINANCE, paid.id, "accept") for _ in range(4)], return_exceptions=True
    )
    assert not [one for one in done if isinstance(one, BaseException)]
    assert (await strict.payments.review(FINANCE, paid.id, "accept")).state == "captured"
    assert (await taken(strict, paid), strict.provider.count("capture")) == (("captured", 5001), 1)
    with pytest.raises(PaymentStateConflict):
        await strict.payments.review(FINANCE, paid.id, "refuse")
    await strict.deliver_waiting()
    await strict.check()


async def test_a_refused_payment_is_released_once(strict: World) -> None:
    paid = await strict.till.pay(5001)
    after = await strict.payments.review(FINANCE, paid.id, "refuse")
    assert (after.state, after.reason, strict.provider.truth["sim_1"].state) == ("declined", "risk_refused", "voided")
    assert (await strict.payments.review(FINANCE, paid.id, "refuse")).state == "declined"
    assert strict.provider.count("void") == 1
    with pytest.raises(PaymentStateConflict):
        await strict.payments.review(FINANCE, paid.id, "accept")
    assert await taken(strict, paid) == ("declined", 0)


async def test_two_decisions_that_meet_are_one(strict: World) -> None:
    for number in range(6):
        before = strict.provider.taken
        paid = await strict.till.pay(5001, reference=f"order:{number}")
        both = [strict.payments.review(FINANCE, paid.id, one) for one in ("accept", "refuse")]
        done = await asyncio.gather(*(both if number % 2 else reversed(both)), return_exceptions=True)
        assert len([one for one in done if isinstance(one, PaymentStateConflict)]) == 1
        after = await strict.till.read(paid)
        assert (after.state, strict.provider.taken - before) in {("captured", 5001), ("declined", 0)}
    await strict.deliver_waiting()
    await strict.check()


async def test_what_is_captured_later_is_asked_then(strict: World) -> None:
    paid = await strict.till.pay(5001, capture="later")
    assert (await strict.till.capture(paid)).state == "authorised"
    assert strict.provider.taken == 0
    assert (await strict.payments.review(FINANCE, paid.id, "accept")).state == "authorised"
    assert (await strict.till.capture(paid, 2000)).captured.amount == 2000


async def test_an_accepted_capture_that_is_refused_releases_everything(strict: World) -> None:
    paid = await strict.till.pay(6000, card(4000), card(2000))
    strict.provider.script("capture", "refuse", "refuse", reason="card_declined")
    after = await strict.payments.review(FINANCE, paid.id, "accept")
    assert (after.state, after.reason) == ("declined", "card_declined")
    assert [one.state for one in strict.provider.truth.values()] == ["voided", "voided"]


async def decline(world: World, count: int, **more: object) -> None:
    world.provider.script("authorise", *REFUSALS[:count])
    for _ in range(count):
        assert (await world.till.pay(1000, **more)).state == "declined"


async def test_five_declines_of_a_checkout_make_a_pause(world: World) -> None:
    await decline(world, 5)
    with pytest.raises(TooManyAttempts) as refused:
        await world.till.pay(1000)
    assert (refused.value.retry_after_s, world.provider.count("authorise")) == (900, 5)
    assert len(await world.payments.payments_of(FINANCE, "order:1")) == 5
    # another checkout, and another method of the same, go on
    assert (await world.till.pay(1000, reference="order:2")).state == "captured"
    assert (await world.till.pay(1000, NewMeans(method="pix"))).state == "pending"
    world.clock.advance(seconds=900)
    await decline(world, 1)
    with pytest.raises(TooManyAttempts):
        await world.till.pay(1000)
    world.clock.advance(seconds=900)
    assert (await world.till.pay(1000)).state == "captured"


async def test_only_declines_count(world: World) -> None:
    for _ in range(12):
        assert (await world.till.pay(1000, payer=ANA)).state == "captured"


async def test_fifty_declines_of_an_address_make_a_pause(world: World) -> None:
    for number in range(50):
        await decline(world, 1, reference=f"order:{number}", payer=ANA)
    with pytest.raises(TooManyAttempts):
        await world.till.pay(1000, reference="order:new", payer=ANA)
    assert (await world.till.pay(1000, reference="order:new", payer=Payer(address="::1"))).state == "captured"
    world.clock.advance(seconds=3600)
    assert (await world.till.pay(1000, reference="order:new", payer=ANA)).state == "captured"


async def test_attempts_at_once_do_not_get_past_the_rule(world: World) -> None:
    world.provider.script("authorise", *REFUSALS)
    done = await asyncio.gather(*[world.till.pay(1000) for _ in range(20)], return_exceptions=True)
    refused = [one for one in done if isinstance(one, TooManyAttempts)]
    assert (len(refused), world.provider.count("authorise")) == (15, 5)


async def test_a_repeated_request_is_answered_during_the_pause(world: World) -> None:
    await decline(world, 4)
    new = world.till.new(1000, key="the-fifth")
    world.provider.script("authorise", "refuse")
    first = await world.payments.pay(SHOP, new)
    assert (await world.payments.pay(SHOP, new)).id == first.id
