"""Paying with one means: what is answered, what the provider was told, what the ledger and the events say."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.payments.contract.errors import MethodUnavailable, PaymentInvalid
from renga.domains.payments.contract.payments import NewMeans, Share
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.errors import Unauthenticated
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.till import SHOP, Till, card


async def test_a_card_is_authorised_and_captured(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1990, shares=(Share(amount=1000, merchant="pottery"), Share(kind="tax", amount=90)))
    assert (paid.state, paid.captured, paid.refunded) == ("captured", Money(1990, "BRL"), Money(0, "BRL"))
    assert [(one.method, one.provider, one.state) for one in paid.means] == [("card", "sim", "captured")]
    assert [kind for kind, _ in provider.calls] == ["authorise", "capture"]
    assert await till.ledger() == {"clearing:sim": 1990, "merchant:pottery": -1000, "platform": -900, "tax": -90}
    assert await till.events() == ["PaymentCreated", "PaymentAuthorised", "PaymentCaptured"]
    assert await till.operations() == [("authorise", "accepted"), ("capture", "accepted")]
    assert await till.read(paid) == paid


async def test_later_takes_no_money(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1990, capture="later")
    assert (paid.state, paid.captured.amount, provider.taken) == ("authorised", 0, 0)
    assert await till.ledger() == {}


@pytest.mark.parametrize("moment", ["shipment", "manual"])
async def test_the_shop_says_when_money_is_taken_unless_a_payment_does(
    dependencies: PaymentDependencies, pool: Any, moment: str
) -> None:
    settings = PaymentSettings(captures=f"card={moment}")
    till = Till(LocalPayments(msgspec.structs.replace(dependencies, settings=settings)), pool)
    assert [await till.payments.capture_moment(one) for one in ("card", "pix")] == [moment, "placement"]
    waits = await till.pay(1990)
    assert (waits.state, waits.capture) == ("authorised", "later")
    taken = await till.pay(1990, capture="now")
    assert (taken.state, taken.capture) == ("captured", "now")


async def test_a_refused_card_is_declined(till: Till, provider: ScriptedProvider) -> None:
    provider.script("authorise", "refuse", reason="insufficient_funds")
    paid = await till.pay()
    assert (paid.state, paid.reason, paid.captured.amount) == ("declined", "insufficient_funds", 0)
    assert await till.ledger() == {}
    assert await till.events() == ["PaymentCreated", "PaymentDeclined"]


async def test_a_challenge_waits_for_the_buyer(till: Till, provider: ScriptedProvider) -> None:
    provider.script("authorise", "action_needed")
    paid = await till.pay()
    assert paid.state == "action_needed"
    assert paid.action is not None
    assert paid.action.url == "https://sim.example/3ds/sim_1"


async def test_a_pix_charge_waits_for_money(till: Till) -> None:
    paid = await till.pay(1000, NewMeans(method="pix"))
    assert paid.state == "pending"
    assert paid.pix is not None
    assert paid.pix.qr_svg_url == f"https://shop.example/v1/payments/{paid.id}/pix.svg"
    assert await till.events() == ["PaymentCreated", "PaymentPending"]


@pytest.mark.parametrize("fault", ["hang_after", "unknown_before", "raise_after"])
async def test_an_answer_that_does_not_come_is_unknown(till: Till, provider: ScriptedProvider, fault: str) -> None:
    provider.script("authorise", fault)  # type: ignore[arg-type]
    paid = await till.pay()
    assert (paid.state, paid.captured.amount) == ("unknown", 0)
    assert await till.operations() == [("authorise", "unknown")]


async def test_a_capture_that_is_refused_declines_and_releases(till: Till, provider: ScriptedProvider) -> None:
    provider.script("capture", "refuse", reason="insufficient_funds")
    paid = await till.pay()
    assert (paid.state, paid.reason) == ("declined", "insufficient_funds")
    assert provider.truth["sim_1"].state == "voided"
    assert await till.ledger() == {}


async def test_the_same_key_pays_once(till: Till, provider: ScriptedProvider) -> None:
    new = till.new(1990)
    first = await till.payments.pay(SHOP, new)
    assert await till.payments.pay(SHOP, new) == first
    assert (provider.count("authorise"), provider.taken) == (1, 1990)


async def test_another_body_with_the_same_key_is_refused(till: Till, provider: ScriptedProvider) -> None:
    await till.pay(1990, key="k")
    with pytest.raises(IdempotencyConflict):
        await till.pay(1991, key="k")
    assert provider.taken == 1990


async def test_two_services_may_use_the_same_key(till: Till, provider: ScriptedProvider) -> None:
    other = Caller("other", frozenset({"payments:write"}), program=True)
    await till.pay(100, key="k")
    await till.payments.pay(other, till.new(100, key="k"))
    assert provider.taken == 200


async def test_many_at_once_with_one_key_pay_once(till: Till, provider: ScriptedProvider) -> None:
    new = till.new(1990)
    answers = await asyncio.gather(*(till.payments.pay(SHOP, new) for _ in range(8)))
    assert len({one.id for one in answers}) == 1
    assert (provider.count("authorise"), provider.count("capture"), provider.taken) == (1, 1, 1990)


async def test_the_same_key_while_the_first_call_is_under_way(
    till: Till, provider: ScriptedProvider, dependencies: PaymentDependencies
) -> None:
    provider.script("authorise", "hang_after")
    new = till.new(1990)
    first = asyncio.create_task(till.payments.pay(SHOP, new))
    while not provider.calls:
        await asyncio.sleep(0.005)
    second = await till.payments.pay(SHOP, new)
    assert (second.state, provider.count("authorise")) == ("created", 1)
    assert (await first).state == "unknown"


async def test_what_is_no_payment_leaves_nothing(till: Till, provider: ScriptedProvider) -> None:
    for new in (till.new(0), till.new(5, card(4)), till.new(5, card(instalments=2)), till.new(5, reference="a\0b")):
        with pytest.raises(PaymentInvalid):
            await till.payments.pay(SHOP, new)
    assert await till.pool.fetchval("SELECT count(*) FROM payments.payments") == 0
    assert provider.calls == []


async def test_a_method_that_nobody_takes_is_refused(till: Till) -> None:
    with pytest.raises(MethodUnavailable):
        await till.pay(100, NewMeans(method="pix"), currency="EUR")


async def test_who_may_pay(till: Till) -> None:
    with pytest.raises(Unauthenticated):
        await till.payments.pay(ANONYMOUS, till.new())
    with pytest.raises(InsufficientScope):
        await till.payments.pay(Caller("ana", frozenset({"payments:read"})), till.new())
