"""Tax providers of others: the deadline, the stated fallback, answers that do not add up, the record in the quote."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.pricing.contract import (
    Destination,
    TaxAnswer,
    TaxAnswerInvalid,
    TaxRate,
    TaxRequest,
    TaxTables,
    TaxUnavailable,
    TaxZone,
)
from renga.domains.pricing.opening import tax_provider
from renga.domains.pricing.providers.guarded_taxes import GuardedTaxes
from renga.domains.pricing.providers.simulated_taxes import BROKEN, SILENT, SimulatedTaxes
from renga.domains.pricing.providers.table_taxes import TableTaxes
from renga.domains.pricing.settings import PricingSettings, ShippingSettingInvalid
from renga.kernel.buyer_terms import BuyerTerms
from tests.pricing.house import House
from tests.pricing.shop import check_sums, line, offer, quoted

TABLES = TaxTables(
    zones=(TaxZone(id="US", countries=("US",)),),
    rates=(TaxRate(zone="US", category="standard", name="Flat", rate_ppm=50_000),),
)


async def tables() -> TaxTables:
    return TABLES


def request_to(postal_code: str, amount: int = 10_000) -> TaxRequest:
    quote = quoted(
        [line("a")], [offer("a", amount)], terms=BuyerTerms(currency="USD"),
        destination=Destination(country="US", region="CA", postal_code=postal_code),
    )  # fmt: skip
    assert quote.tax_request is not None
    return msgspec.structs.replace(quote.tax_request, prices_include_tax=False)


def guarded(provider: Any, *, fallback: bool = True, deadline_s: float = 0.05) -> GuardedTaxes:
    return GuardedTaxes(provider, TableTaxes(tables, fallback=True) if fallback else None, deadline_s=deadline_s)


async def test_a_provider_answers_with_its_reference() -> None:
    answer = await guarded(SimulatedTaxes(), deadline_s=5).tax(request_to("90001"))
    assert (answer.provider, answer.fallback, answer.amounts[0].gross) == ("simulated", False, 10_825)
    assert answer.reference == f"sim-{request_to('90001').date}-825"


@pytest.mark.parametrize("code", [SILENT, BROKEN])
async def test_without_an_answer_the_fallback_says_that_it_is_one(code: str) -> None:
    began = asyncio.get_running_loop().time()
    answer = await guarded(SimulatedTaxes()).tax(request_to(code))
    assert (answer.provider, answer.fallback, answer.amounts[0].gross) == ("tables", True, 10_500)
    assert asyncio.get_running_loop().time() - began < 2
    with pytest.raises(TaxUnavailable):
        await guarded(SimulatedTaxes(), fallback=False).tax(request_to(code))


class Wrong:
    """Answers, but not what was asked."""

    def __init__(self, change: str) -> None:
        self._change = change

    async def tax(self, request: TaxRequest) -> TaxAnswer:
        answer = await TableTaxes(tables).tax(request)
        one = answer.amounts[0]
        wrong = {
            "gross": (msgspec.structs.replace(one, gross=one.gross + 1),),
            "missing": (),
            "twice": (one, one),
            "negative": (msgspec.structs.replace(one, net=-1, gross=-1, parts=()),),
        }[self._change]
        return msgspec.structs.replace(answer, provider="wrong", amounts=wrong)


@pytest.mark.parametrize("change", ["gross", "missing", "twice", "negative"])
async def test_an_answer_that_does_not_add_up_is_not_used(change: str) -> None:
    answer = await guarded(Wrong(change)).tax(request_to("90001"))
    assert (answer.provider, answer.fallback) == ("tables", True)
    with pytest.raises(TaxUnavailable) as refused:
        await guarded(Wrong(change), fallback=False).tax(request_to("90001"))
    assert isinstance(refused.value.__cause__, TaxAnswerInvalid)


async def test_a_fault_of_the_program_is_no_missing_answer() -> None:
    class Faulty:
        async def tax(self, request: TaxRequest) -> TaxAnswer:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await guarded(Faulty()).tax(request_to("90001"))


async def test_the_settings_choose_the_provider_and_its_fallback() -> None:
    assert (await tax_provider(PricingSettings(), tables).tax(request_to("90001"))).provider == "tables"
    simulated = PricingSettings(tax_provider="simulated", tax_deadline_ms=50)
    assert (await tax_provider(simulated, tables).tax(request_to("90001"))).provider == "simulated"
    assert (await tax_provider(simulated, tables).tax(request_to(SILENT))).fallback
    refusing = msgspec.structs.replace(simulated, tax_fallback="refuse")
    with pytest.raises(TaxUnavailable):
        await tax_provider(refusing, tables).tax(request_to(SILENT))


async def test_the_question_and_the_answer_are_in_the_quote(house: House) -> None:
    from renga.domains.pricing.contract import EstimateRequest
    from renga.kernel.caller import ANONYMOUS

    await house.sell("MUG", 10_000, prices={"USD": 10_000})
    cart = await house.cart_of({"MUG": 1}, currency="USD")
    provider = GuardedTaxes(SimulatedTaxes(), TableTaxes(tables, fallback=True), deadline_s=5)
    dependencies = msgspec.structs.replace(house.pricing.dependencies, taxes=provider)
    pricing = msgspec.structs.replace(house.pricing, dependencies=dependencies)
    asked = EstimateRequest(country="US", region="NY", postal_code="10001")
    quote = await pricing.estimate(ANONYMOUS, cart, asked)
    check_sums(quote)
    assert quote.tax_request is not None
    assert quote.tax_request.destination == Destination(country="US", region="NY", postal_code="10001")
    assert quote.tax_answer is not None
    assert (quote.tax_answer.provider, quote.tax_answer.fallback) == ("simulated", False)
    failing = msgspec.structs.replace(asked, postal_code=BROKEN)
    fallen = await pricing.estimate(ANONYMOUS, cart, failing)
    check_sums(fallen)
    assert fallen.tax_answer is not None
    assert fallen.tax_answer.fallback


@pytest.mark.parametrize("text", ["BRL", "BRL=x", "XXX=1", "BRL=-1", "BRL=1;EUR=2"])
def test_shipping_settings_that_are_none(text: str) -> None:
    with pytest.raises(ShippingSettingInvalid):
        PricingSettings(shipping=text).shipping_amounts()


def test_shipping_settings_by_currency() -> None:
    assert PricingSettings(shipping="BRL=1990, EUR=0").shipping_amounts() == {"BRL": 1990, "EUR": 0}
    assert PricingSettings(shipping="").shipping_amounts() == {}
