"""Captures, voids and refunds: amounts exact to the cent, states, what providers can, and what comes twice."""

import asyncio

import pytest

from renga.domains.payments.contract.errors import (
    AmountExceeded,
    PaymentBusy,
    PaymentInvalid,
    PaymentNotFound,
    PaymentStateConflict,
    ProviderUnsupported,
)
from renga.domains.payments.contract.payments import NewMeans, Share
from renga.domains.payments.contract.service import RefundShare
from renga.domains.payments.ports.provider import MethodCapabilities
from renga.kernel.caller import Caller, InsufficientScope
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.till import FINANCE, SHOP, Till

THIRDS = (Share(amount=333, merchant="a"), Share(amount=333, merchant="b"), Share(amount=334, kind="tax"))


async def test_captures_in_parts_sum_up_to_the_shares(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later", shares=THIRDS)
    for amount in (1, 10, 100, 500):
        paid = await till.capture(paid, amount, final=False)
        assert paid.state == "partly_captured"
        held = await till.ledger()
        assert held["clearing:sim"] == paid.captured.amount
    paid = await till.capture(paid)
    assert (paid.state, paid.captured.amount, provider.taken) == ("captured", 1000, 1000)
    assert await till.ledger() == {"clearing:sim": 1000, "merchant:a": -333, "merchant:b": -333, "tax": -334}
    assert [order.final for kind, order in provider.calls if kind == "capture"] == [False] * 4 + [True]  # type: ignore[union-attr]


async def test_a_final_capture_releases_the_rest(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    paid = await till.capture(paid, 400)
    assert (paid.state, paid.captured.amount, provider.truth["sim_1"].state) == ("partly_captured", 400, "captured")
    with pytest.raises(PaymentStateConflict):
        await till.capture(paid, 1)
    assert provider.taken == 400


async def test_more_than_is_left_is_not_captured(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    await till.capture(paid, 400, final=False)
    with pytest.raises(AmountExceeded) as refused:
        await till.capture(paid, 601)
    assert (refused.value.left, provider.taken) == (600, 400)
    for amount in (0, -1, 2**63):
        with pytest.raises(PaymentInvalid):
            await till.capture(paid, amount)


async def test_a_capture_that_comes_twice_is_made_once(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    first = await till.capture(paid, 400, final=False, key="c")
    assert await till.capture(paid, 400, final=False, key="c") == first
    with pytest.raises(IdempotencyConflict):
        await till.capture(paid, 401, final=False, key="c")
    assert (provider.count("capture"), provider.taken) == (1, 400)


async def test_captures_at_once_take_no_more_than_there_is(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    tries = [till.capture(paid, 400, final=False) for _ in range(6)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    refused = [one for one in done if isinstance(one, PaymentBusy | AmountExceeded)]
    assert len(refused) + provider.count("capture") == 6
    assert provider.taken == 400 * provider.count("capture") <= 1000


async def test_a_provider_that_captures_once_is_not_asked_twice(till: Till, provider: ScriptedProvider) -> None:
    provider.methods["card"] = MethodCapabilities(captures="one", partial_capture=True)
    paid = await till.pay(1000, capture="later")
    with pytest.raises(ProviderUnsupported):
        await till.capture(paid, 400, final=False)
    assert (await till.capture(paid, 400)).captured == Money(400, "BRL")
    provider.methods["card"] = MethodCapabilities(captures="one")
    with pytest.raises(ProviderUnsupported):
        await till.capture(await till.pay(1000, capture="later"), 400)


async def test_a_refused_capture_changes_nothing(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    provider.script("capture", "refuse", reason="insufficient_funds")
    after = await till.capture(paid)
    assert (after.state, after.reason, after.captured.amount) == ("authorised", "insufficient_funds", 0)
    assert (await till.capture(after)).state == "captured"


async def test_a_void_releases(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    after = await till.void(paid, key="v")
    assert (after.state, provider.truth["sim_1"].state) == ("voided", "voided")
    assert await till.void(paid, key="v") == after
    with pytest.raises(PaymentStateConflict):
        await till.void(paid)
    with pytest.raises(PaymentStateConflict):
        await till.capture(paid)
    assert provider.count("void") == 1
    assert (await till.events())[-1] == "PaymentVoided"


async def test_a_void_after_a_part_releases_the_rest(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, capture="later")
    await till.capture(paid, 300, final=False)
    after = await till.void(paid)
    assert (after.state, after.captured.amount, provider.truth["sim_1"].state) == ("partly_captured", 300, "captured")
    for again in (till.void(paid), till.capture(paid, 1)):
        with pytest.raises(PaymentStateConflict):
            await again
    assert (await till.refund(paid)).state == "refunded"
    assert (provider.taken, await till.ledger()) == (0, {})


async def test_a_captured_payment_is_not_voided(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000)
    with pytest.raises(PaymentStateConflict) as refused:
        await till.void(paid)
    assert (refused.value.state, provider.count("void")) == ("captured", 0)


async def test_a_void_while_the_authorisation_is_under_way(till: Till, provider: ScriptedProvider) -> None:
    """What the provider answers afterwards is released; no money is taken."""
    gate = asyncio.Event()
    ask = provider.authorise

    async def slow(order):  # type: ignore[no-untyped-def]
        await gate.wait()
        return await ask(order)

    provider.authorise = slow  # type: ignore[method-assign]
    paying = asyncio.create_task(till.pay(1000))
    while not (found := await till.payments.payments_of(SHOP, "order:1")):
        await asyncio.sleep(0.005)
    voided = await till.void(found[0])
    assert voided.state == "created"
    gate.set()
    assert (await paying).state == "voided"
    assert (provider.truth["sim_1"].state, provider.taken) == ("voided", 0)


async def test_a_pix_charge_is_withdrawn(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, NewMeans(method="pix"))
    assert (await till.void(paid)).state == "voided"
    assert provider.truth["sim_1"].state == "voided"


async def test_refunds_in_parts_empty_every_share(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, shares=THIRDS)
    for amount in (1, 7, 492):
        paid = await till.refund(paid, amount)
        assert paid.state == "partly_refunded"
    paid = await till.refund(paid)
    assert (paid.state, paid.refunded.amount, provider.taken) == ("refunded", 1000, 0)
    assert await till.ledger() == {}
    with pytest.raises(AmountExceeded):
        await till.refund(paid, 1)


async def test_a_refund_names_the_shares_that_give(till: Till) -> None:
    paid = await till.pay(1000, shares=(Share(amount=600, merchant="a"), Share(amount=300, merchant="b")))
    shares = (RefundShare(amount=200, merchant="a"), RefundShare(amount=50))
    await till.refund(paid, 250, shares=shares)
    assert await till.ledger() == {"clearing:sim": 750, "merchant:a": -400, "merchant:b": -300, "platform": -50}
    with pytest.raises(AmountExceeded) as refused:
        await till.refund(paid, shares=(RefundShare(amount=401, merchant="a"),))
    assert refused.value.left == 400
    with pytest.raises(PaymentInvalid):
        await till.refund(paid, shares=(RefundShare(amount=1, merchant="nobody"),))
    with pytest.raises(PaymentInvalid):
        await till.refund(paid, 3, shares=(RefundShare(amount=2, merchant="a"),))
    assert (await till.ledger())["clearing:sim"] == 750


async def test_a_refused_refund_gives_the_shares_back(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000, shares=THIRDS)
    before = await till.ledger()
    provider.script("refund", "refuse")
    after = await till.refund(paid, 500)
    assert (after.state, after.refunded.amount) == ("captured", 0)
    assert await till.ledger() == before
    assert (await till.events())[-1] == "RefundRefused"
    assert (await till.refund(paid)).state == "refunded"
    assert await till.ledger() == {}


async def test_an_unknown_refund_waits_in_the_ledger(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000)
    provider.script("refund", "unknown_after")
    after = await till.refund(paid, 300)
    assert (after.state, after.refunded.amount) == ("unknown", 0)
    assert await till.ledger() == {"clearing:sim": 1000, "platform": -700, "refunds:sim": -300}
    with pytest.raises(PaymentBusy):
        await till.refund(paid, 300)


async def test_a_refund_that_comes_twice_is_made_once(till: Till, provider: ScriptedProvider) -> None:
    paid = await till.pay(1000)
    first = await till.refund(paid, 300, key="r")
    assert await till.refund(paid, 300, key="r") == first
    with pytest.raises(IdempotencyConflict):
        await till.refund(paid, 301, key="r")
    assert (provider.count("refund"), provider.taken) == (1, 700)


async def test_what_cannot_be_refunded(till: Till, provider: ScriptedProvider) -> None:
    with pytest.raises(PaymentStateConflict):
        await till.refund(await till.pay(1000, capture="later"), 1)
    paid = await till.pay(1000)
    with pytest.raises(AmountExceeded) as refused:
        await till.refund(paid, 1001)
    assert refused.value.left == 1000
    with pytest.raises(PaymentInvalid):
        await till.refund(paid, 1, means="nothing")
    provider.methods["card"] = MethodCapabilities(refunds="one", partial_refund=False)
    with pytest.raises(ProviderUnsupported):
        await till.refund(paid, 999)
    provider.methods["card"] = MethodCapabilities(refunds="none")
    with pytest.raises(ProviderUnsupported):
        await till.refund(paid)
    assert provider.taken == 1000


async def test_instalments_are_received_when_they_are_due(till: Till) -> None:
    from tests.payments.till import card

    await till.pay(10_000, card(instalments=3))
    assert await till.ledger() == {
        "platform": -10_000,
        "receivable:sim:2023-12-14": 3334,
        "receivable:sim:2024-01-13": 3333,
        "receivable:sim:2024-02-12": 3333,
    }


async def test_whose_payment_it_is(till: Till) -> None:
    paid = await till.pay(1000, capture="later")
    other = Caller("other", frozenset({"payments:write"}), program=True)
    reader = Caller("reader", frozenset({"payments:write", "payments:read"}), program=True)
    for unknown in (paid.id, "nothing", "0190e5a8-0001-7000-8000-0000000000aa"):
        with pytest.raises(PaymentNotFound):
            await till.payments.payment(other, unknown)
    with pytest.raises(PaymentNotFound):
        await till.void(paid, caller=other)
    with pytest.raises(InsufficientScope):
        await till.void(paid, caller=reader)
    assert await till.payments.payments_of(other, "order:1") == ()
    assert await till.payments.payments_of(reader, "order:1") == (paid,)
    assert (await till.capture(paid, caller=FINANCE)).state == "captured"
