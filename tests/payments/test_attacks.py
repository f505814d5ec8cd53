"""What a stranger found: inputs and orders of events that nobody had thought of."""

import asyncio
from typing import Literal

import msgspec
import pytest

from renga.domains.payments.contract.errors import AmountExceeded, PaymentInvalid, PaymentStateConflict
from renga.domains.payments.contract.payments import NewMeans, Share
from renga.domains.payments.contract.wallets import NewStoreCredit, StoreCredit
from renga.domains.payments.ports.provider import Capture, Outcome
from renga.kernel.money import AMOUNT_MAX, Money
from tests.face_clients import FaceClients
from tests.payments.scripted_provider import CARD, Fault, ScriptedProvider
from tests.payments.test_http import ORDERS as PROGRAM
from tests.payments.test_http import clients  # noqa: F401
from tests.payments.test_several_means import by_gift, gift
from tests.payments.till import FINANCE, Till, card
from tests.payments.world import World

THIRDS = (Share(amount=333, merchant="a"), Share(amount=333, merchant="b"), Share(amount=334, kind="tax"))


async def test_a_gift_card_written_in_two_ways_is_one(till: Till) -> None:
    identifier, code = await gift(till, 500)
    for other in (code.lower(), code.replace("-", ""), f" {code} ", code.replace("-", " ").lower()):
        with pytest.raises(PaymentInvalid):
            await till.pay(1000, by_gift(code, 500), by_gift(other, 500))
    assert (await till.payments.gift_card(FINANCE, identifier)).left == Money(500, "BRL")
    assert await till.pool.fetchval("SELECT count(*) FROM payments.payments") == 0


@pytest.mark.parametrize("refund", [100, 400])
async def test_the_rest_is_captured_after_a_refund_of_a_part(
    till: Till, provider: ScriptedProvider, refund: int
) -> None:
    paid = await till.pay(1000, capture="later", shares=THIRDS)
    await till.capture(paid, 400, final=False)
    assert (await till.refund(paid, refund)).captured.amount == 400
    with pytest.raises(AmountExceeded) as refused:
        await till.capture(paid, 601)
    assert refused.value.left == 600
    after = await till.capture(paid)
    assert (after.state, after.captured.amount, after.refunded.amount) == ("partly_refunded", 1000, refund)
    assert provider.taken == 1000 - refund == (await till.ledger())["clearing:sim"]
    assert (await till.refund(paid)).state == "refunded"
    assert (provider.taken, await till.ledger()) == (0, {})


async def test_the_rest_is_released_after_a_refund_or_a_dispute(world: World) -> None:
    first = await world.till.pay(1000, capture="later")
    await world.till.capture(first, 400, final=False)
    await world.till.refund(first)
    assert (await world.till.void(first)).state == "refunded"
    second = await world.till.pay(1000, capture="later")
    await world.till.capture(second, 400, final=False)
    world.provider.disputed("sim_2", "opened", amount=400)
    await world.deliver_waiting()
    assert (await world.till.void(second)).state == "disputed"
    assert [one.state for one in world.provider.truth.values()] == ["captured", "captured"]
    assert world.provider.count("void") == 2
    for payment in (first, second):
        with pytest.raises(PaymentStateConflict):
            await world.till.capture(payment, 1)
    await world.check()


async def test_what_a_gift_card_still_holds_goes_back_after_a_refund(till: Till) -> None:
    identifier, code = await gift(till, 1000)
    paid = await till.pay(1000, by_gift(code), capture="later")
    await till.capture(paid, 400, final=False)
    await till.refund(paid, 100)
    await till.void(paid)
    assert (await till.payments.gift_card(FINANCE, identifier)).left == Money(700, "BRL")
    assert await till.ledger() == {f"gift_card:{identifier}": -700, "platform": 700}


async def test_a_final_capture_is_not_looked_after_for_ever(world: World) -> None:
    """A hundred of them would keep every other authorisation that ends from being looked after."""
    paid = await world.till.pay(1000, capture="later")
    await world.till.capture(paid, 400)
    other = await world.till.pay(1000, capture="later")
    await world.till.capture(other, 400, final=False)
    await world.till.refund(other, 100)
    for ref in ("sim_1", "sim_2"):
        world.provider.change(ref, authorised_until_ms=world.clock.now_ms() + 1000)
    await world.deliver_waiting()
    now_ms = world.clock.now_ms()
    due = await world.dependencies.work.due(now_ms, ending_before_ms=now_ms + 86_400_000, limit=100)
    assert [one.payment for one in due.ending] == [other.id]


@pytest.mark.parametrize("depth", [400, 900, 5_000])
async def test_deeply_nested_bodies_are_refused(clients: FaceClients, depth: int) -> None:  # noqa: F811
    deep = "[" * depth + "]" * depth
    for path, text in (
        ("", deep),
        ("", f'{{"reference": "order:1", "method": "pix", "amount": {deep}}}'),
        ("/0190e5a8-0001-7000-8000-0000000000aa/refund", f'{{"amount": {deep}}}'),
        ("/0190e5a8-0001-7000-8000-0000000000aa/capture", f'{{"x": {deep}}}'),
    ):
        answer = await clients.as_(PROGRAM).post(
            f"/v1/payments{path}", content=text, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) in [(400, "invalid_request"), (400, "invalid_json")]


@pytest.mark.parametrize("second", ["refuse", "unknown_before"])
async def test_a_card_that_cannot_be_captured_gives_the_other_one_back(world: World, second: Fault) -> None:
    """All or none, also when the first card has paid already."""
    world.provider.methods["card"] = msgspec.structs.replace(CARD, captures="one")
    captures = world.provider.capture

    async def capture(order: Capture) -> Outcome:
        if order.amount.amount == 600:
            return Outcome(kind="refused", reason="insufficient_funds", record=world.provider.truth[order.ref])
        return await captures(order)

    world.provider.capture = capture  # type: ignore[method-assign]
    if second != "refuse":
        world.provider.script("refund", second)
    paid = await world.till.pay(1000, card(400), card(), shares=THIRDS)
    await world.recover()
    after = await world.till.read(paid)
    assert (after.state, after.captured.amount, after.refunded.amount) == ("refunded", 400, 400)
    assert [one.state for one in world.provider.truth.values()] == ["captured", "voided"]
    assert (world.provider.taken, await world.till.ledger()) == (0, {})
    assert "LateMoneySettled" in await world.till.events()
    await world.check()


async def test_a_pix_whose_card_is_refused_goes_back(world: World) -> None:
    world.provider.script("capture", "refuse")
    paid = await world.till.pay(1000, card(400), NewMeans(method="pix"))
    world.provider.paid("sim_2")
    await world.deliver_waiting()
    await world.recover()
    after = await world.till.read(paid)
    assert (after.state, after.captured.amount, after.refunded.amount) == ("refunded", 600, 600)
    assert (world.provider.taken, await world.till.ledger()) == (0, {})


async def test_the_owner_of_a_reference_may_keep_what_the_other_card_paid(world: World) -> None:
    class Orders:
        async def settle(self, reference: str, amount: Money) -> Literal["accept", "refund"]:
            return "accept"

    world.payments.answer_late_money(Orders())
    world.provider.script("capture", "hang_after", "refuse")
    paid = await world.till.pay(1000, card(400), card(), shares=THIRDS)
    await world.recover()
    after = await world.till.read(paid)
    assert after.refunded.amount == 0
    assert world.provider.taken == after.captured.amount == (await world.till.ledger()).get("clearing:sim", 0)
    await world.check()


async def test_store_credit_is_never_more_than_an_amount_may_be(till: Till) -> None:
    async def grant(amount: int) -> StoreCredit:
        new = NewStoreCredit(customer="ana", amount=Money(amount, "BRL"))
        return await till.payments.grant_store_credit(FINANCE, new, key=None)

    await grant(AMOUNT_MAX - 10)
    done = await asyncio.gather(*(grant(6) for _ in range(4)), return_exceptions=True)
    refused = [one for one in done if isinstance(one, AmountExceeded)]
    assert (len(refused), {one.left for one in refused}) == (3, {4})
    assert (await grant(4)).balances == (Money(AMOUNT_MAX, "BRL"),)
    assert await till.ledger() == {"platform": AMOUNT_MAX, "store_credit:ana": -AMOUNT_MAX}
    assert (await till.events()).count("StoreCreditGranted") == 3


async def test_a_pix_paid_twice_is_a_captured_payment_when_the_excess_is_back(world: World) -> None:
    paid = await world.till.pay(1000, NewMeans(method="pix"), shares=THIRDS)
    world.provider.paid("sim_1")
    world.provider.change("sim_1", captured=2000)
    await world.deliver_waiting()
    await world.recover()
    after = await world.till.read(paid)
    assert (after.state, after.captured.amount, after.refunded.amount) == ("captured", 2000, 1000)
    assert [one.state for one in after.means] == ["captured"]
    assert (await world.till.refund(paid, 400)).state == "partly_refunded"
    assert (await world.till.refund(paid)).state == "refunded"
    assert (world.provider.taken, await world.till.ledger()) == (0, {})
