"""Several means for one sum: all or none, in the right order, and what each of them gets back."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import GiftCardNotFound, PaymentInvalid
from renga.domains.payments.contract.payments import NewMeans, Payer, Payment
from renga.domains.payments.contract.wallets import NewGiftCard, NewStoreCredit
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.perform_operation import carry_out
from renga.kernel.money import Money
from tests.payments.scripted_provider import ScriptedProvider
from tests.payments.till import FINANCE, Till, card


async def gift(till: Till, amount: int, currency: str = "BRL") -> tuple[str, str]:
    """Id and code of a new gift card."""
    issued = await till.payments.issue_gift_card(FINANCE, NewGiftCard(amount=Money(amount, currency)))
    assert issued.code is not None
    return issued.id, issued.code


def by_gift(code: str, amount: int | None = None) -> NewMeans:
    return NewMeans(method="gift_card", code=code, amount=amount)


async def news(dependencies: PaymentDependencies, provider: ScriptedProvider, ref: str) -> None:
    """What a webhook does with the provider's record."""
    async with dependencies.store.unit_of("sim", ref=ref) as unit:
        assert unit is not None
        means = next(one for one in unit.means.values() if one.provider_ref == ref)
        apply_record(dependencies, unit, means.id, provider.truth[ref])
        following = conclude(dependencies, unit, claimed=True)
    await carry_out(dependencies, known_of(unit), following)


async def test_a_gift_card_and_a_card_pay_together(till: Till, provider: ScriptedProvider) -> None:
    identifier, code = await gift(till, 700)
    paid = await till.pay(1000, card(), by_gift(code, 600))
    assert (paid.state, paid.captured.amount) == ("captured", 1000)
    assert [(one.method, one.amount.amount, one.state) for one in paid.means] == [
        ("gift_card", 600, "captured"),
        ("card", 400, "captured"),
    ]
    assert provider.taken == 400
    # issued by the shop: 700 on platform; 1000 were sold
    assert await till.ledger() == {"clearing:sim": 400, f"gift_card:{identifier}": -100, "platform": -300}


async def test_a_refused_card_gives_the_gift_card_back(till: Till, provider: ScriptedProvider) -> None:
    identifier, code = await gift(till, 700)
    provider.script("authorise", "refuse")
    paid = await till.pay(1000, by_gift(code, 600), card())
    assert (paid.state, paid.reason) == ("declined", "card_declined")
    assert [one.state for one in paid.means] == ["voided", "declined"]
    assert await till.ledger() == {f"gift_card:{identifier}": -700, "platform": 700}
    assert (await till.payments.gift_card(FINANCE, identifier)).left == Money(700, "BRL")


async def test_a_refused_capture_gives_the_gift_card_back(till: Till, provider: ScriptedProvider) -> None:
    identifier, code = await gift(till, 700)
    provider.script("capture", "refuse")
    paid = await till.pay(1000, by_gift(code, 600), card())
    assert (paid.state, provider.taken) == ("declined", 0)
    assert await till.ledger() == {f"gift_card:{identifier}": -700, "platform": 700}


async def test_an_empty_gift_card_asks_no_provider(till: Till, provider: ScriptedProvider) -> None:
    _, code = await gift(till, 500)
    paid = await till.pay(1000, by_gift(code, 501), card())
    assert (paid.state, paid.reason, provider.calls) == ("declined", "balance_insufficient", [])
    other = await till.pay(1000, by_gift((await gift(till, 5000, "EUR"))[1]))
    assert (other.state, other.reason) == ("declined", "gift_card_invalid")
    with pytest.raises(GiftCardNotFound):
        await till.pay(1000, by_gift("AAAA-AAAA-AAAA-AAAA", 1), card())
    with pytest.raises(PaymentInvalid):
        await till.pay(1000, by_gift(code, 1), by_gift(code))


@pytest.mark.parametrize("other", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} -"])
async def test_another_spelling_of_a_gift_card_is_the_same_card(till: Till, other: Callable[[str], str]) -> None:
    identifier, code = await gift(till, 500)
    with pytest.raises(PaymentInvalid):
        await till.pay(1000, by_gift(code, 500), by_gift(other(code), 500))
    assert (await till.payments.gift_card(FINANCE, identifier)).left == Money(500, "BRL")


async def test_a_gift_card_is_not_spent_twice_at_once(till: Till) -> None:
    identifier, code = await gift(till, 1000)
    done = await asyncio.gather(*(till.pay(400, by_gift(code)) for _ in range(8)))
    assert sorted(one.state for one in done) == ["captured"] * 2 + ["declined"] * 6
    assert (await till.payments.gift_card(FINANCE, identifier)).left == Money(200, "BRL")


async def test_store_credit_is_spent_by_its_customer(till: Till) -> None:
    new = NewStoreCredit(customer="ana", amount=Money(500, "BRL"))
    await till.payments.grant_store_credit(FINANCE, new, key="s")
    await till.payments.grant_store_credit(FINANCE, new, key="s")
    credit = NewMeans(method="store_credit")
    assert (await till.pay(400, credit, payer=Payer(customer="ana"))).state == "captured"
    assert (await till.pay(101, credit, payer=Payer(customer="ana"))).reason == "balance_insufficient"
    assert (await till.pay(1, credit, payer=Payer(customer="eve"))).reason == "balance_insufficient"
    with pytest.raises(PaymentInvalid):
        await till.pay(1, credit)
    assert await till.ledger() == {"platform": 100, "store_credit:ana": -100}


async def test_refunds_go_to_the_last_means_first_and_to_gift_cards_last(
    till: Till, provider: ScriptedProvider
) -> None:
    identifier, code = await gift(till, 600)
    paid = await till.pay(1000, by_gift(code, 600), card())
    paid = await till.refund(paid, 500)
    assert [one.refunded.amount for one in paid.means] == [100, 400]
    assert (paid.state, provider.taken) == ("partly_refunded", 0)
    paid = await till.refund(paid, 200, means=paid.means[0].id)
    assert (await till.payments.gift_card(FINANCE, identifier)).left == Money(300, "BRL")
    paid = await till.refund(paid)
    assert (paid.state, await till.ledger()) == ("refunded", {f"gift_card:{identifier}": -600, "platform": 600})


async def test_a_void_gives_the_gift_card_back(till: Till, provider: ScriptedProvider) -> None:
    identifier, code = await gift(till, 600)
    paid = await till.pay(1000, by_gift(code, 600), card(), capture="later")
    assert (paid.state, (await till.ledger())[f"held:{paid.means[0].id}"]) == ("authorised", -600)
    assert (await till.void(paid)).state == "voided"
    assert await till.ledger() == {f"gift_card:{identifier}": -600, "platform": 600}


async def test_a_capture_takes_the_gift_card_first_and_releases_the_card(
    till: Till, provider: ScriptedProvider
) -> None:
    identifier, code = await gift(till, 600)
    paid = await till.pay(1000, by_gift(code, 600), card(), capture="later")
    paid = await till.capture(paid, 450)
    assert [(one.state, one.captured.amount) for one in paid.means] == [("partly_captured", 450), ("voided", 0)]
    assert (paid.state, provider.truth["sim_1"].state) == ("partly_captured", "voided")
    assert await till.ledger() == {f"gift_card:{identifier}": -150, "platform": 150}


async def test_a_capture_of_both_when_the_card_refuses_takes_nothing(till: Till, provider: ScriptedProvider) -> None:
    identifier, code = await gift(till, 600)
    paid = await till.pay(1000, by_gift(code, 600), card(), capture="later")
    provider.script("capture", "refuse")
    paid = await till.capture(paid)
    assert (paid.state, paid.captured.amount) == ("authorised", 0)
    assert (await till.capture(paid)).state == "captured"
    assert await till.ledger() == {"clearing:sim": 400, "platform": -400}
    assert identifier


async def pay_with_pix(till: Till) -> tuple[str, Payment]:
    identifier, code = await gift(till, 300)
    means: Any = (NewMeans(method="pix", amount=500), card(200), by_gift(code))
    return identifier, await till.pay(1000, *means)


async def test_pix_is_asked_last_and_completes_the_others(
    till: Till, provider: ScriptedProvider, dependencies: PaymentDependencies
) -> None:
    identifier, paid = await pay_with_pix(till)
    assert [(one.method, one.state) for one in paid.means] == [
        ("gift_card", "authorised"),
        ("card", "authorised"),
        ("pix", "pending"),
    ]
    assert (paid.state, paid.captured.amount) == ("pending", 0)
    provider.paid("sim_2")
    await news(dependencies, provider, "sim_2")
    after = await till.read(paid)
    assert (after.state, after.captured.amount, provider.taken) == ("captured", 1000, 700)
    assert await till.ledger() == {"clearing:sim": 700, "platform": -700}
    assert identifier


async def test_a_pix_that_expires_releases_the_others(
    till: Till, provider: ScriptedProvider, dependencies: PaymentDependencies
) -> None:
    identifier, paid = await pay_with_pix(till)
    provider.change("sim_2", state="expired")
    await news(dependencies, provider, "sim_2")
    after = await till.read(paid)
    assert (after.state, provider.truth["sim_1"].state) == ("expired", "voided")
    assert [one.state for one in after.means] == ["voided", "voided", "expired"]
    assert await till.ledger() == {f"gift_card:{identifier}": -300, "platform": 300}
    # and it is paid after all: the money goes back
    provider.paid("sim_2")
    await news(dependencies, provider, "sim_2")
    late = await till.read(paid)
    assert (late.state, late.captured.amount, late.refunded.amount, provider.taken) == ("refunded", 500, 500, 0)
    assert await till.ledger() == {f"gift_card:{identifier}": -300, "platform": 300}
