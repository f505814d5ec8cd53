"""Taxes by the shop's tables: zones, categories, shipping, relief; answers that do not add up are refused."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from renga.domains.pricing.contract import (
    Destination,
    PaymentChoice,
    PricingPolicy,
    Quote,
    ShippingTaxRule,
    TaxAnswerInvalid,
    TaxRate,
    TaxTables,
    TaxZone,
)
from renga.domains.pricing.model.pricing import price
from renga.domains.pricing.model.quoting import with_tax
from renga.domains.pricing.model.tax_rounding import rounded_taxes
from renga.domains.pricing.model.tax_shares import TaxShare
from renga.domains.pricing.model.tax_tables import table_taxes
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts
from tests.pricing.shop import EUR, GERMAN_TAX, NOW, check_sums, delivery, line, offer, quoted

OFFERS = [offer("book", 1070, tax_category="reduced"), offer("lamp", 11_900)]
CART = [line("book"), line("lamp")]
GROSS = PricingPolicy(seller_country="DE")
NET = PricingPolicy(seller_country="DE", prices_include_tax=False)


def taxes(quote: Quote) -> list[tuple[str, int | None, int, int]]:
    check_sums(quote)
    return [(one.jurisdiction, one.rate_ppm, one.net.amount, one.tax.amount) for one in quote.taxes]


def test_prices_with_tax_contain_the_tax_of_the_destination() -> None:
    quote = quoted(CART, OFFERS, terms=EUR, policy=GROSS, tables=GERMAN_TAX)
    assert taxes(quote) == [("DE", 70_000, 1000, 70), ("DE", 190_000, 10_000, 1900)]
    assert (quote.tax.amount, quote.tax_included.amount, quote.total.amount) == (0, 1970, 12_970)
    french = quoted(CART, OFFERS, terms=EUR, destination=Destination(country="FR"), policy=GROSS, tables=GERMAN_TAX)
    assert taxes(french) == [("FR", 55_000, 1014, 56), ("FR", 200_000, 9917, 1983)]
    assert french.total.amount == 12_970


def test_prices_without_tax_get_it_on_top() -> None:
    quote = quoted(CART, OFFERS, terms=EUR, policy=NET, tables=GERMAN_TAX)
    assert taxes(quote) == [("DE", 70_000, 1070, 75), ("DE", 190_000, 11_900, 2261)]
    assert [(one.type, one.amount.amount) for one in quote.totals] == [
        ("subtotal", 12_970), ("tax", 2336), ("total", 15_306),
    ]  # fmt: skip


def test_no_zone_has_no_tax_and_no_destination_neither() -> None:
    for terms in (BuyerTerms(currency="EUR", country="US"), BuyerTerms(currency="EUR")):
        quote = quoted(CART, OFFERS, terms=terms, policy=NET, tables=GERMAN_TAX)
        assert (taxes(quote), quote.total.amount) == ([], 12_970)


def test_several_taxes_of_a_zone_are_added_up() -> None:
    tables = TaxTables(
        zones=(TaxZone(id="QC", countries=("CA",), regions=("QC",)), TaxZone(id="CA", countries=("CA",))),
        rates=(
            TaxRate(zone="QC", category="standard", name="TPS", rate_ppm=50_000),
            TaxRate(zone="QC", category="standard", name="TVQ", rate_ppm=99_750),
            TaxRate(zone="CA", category="standard", name="GST", rate_ppm=50_000),
        ),
    )
    terms = BuyerTerms(currency="CAD", country="CA", region="QC")
    quote = quoted([line("lamp")], OFFERS, terms=terms, policy=NET, tables=tables)
    assert taxes(quote) == [("QC", 50_000, 11_900, 595), ("QC", 99_750, 11_900, 1187)]
    elsewhere = BuyerTerms(currency="CAD", country="CA", region="ON")
    assert taxes(quoted([line("lamp")], OFFERS, terms=elsewhere, policy=NET, tables=tables)) == [
        ("CA", 50_000, 11_900, 595)
    ]


def test_the_most_narrow_zone_counts() -> None:
    zones = (
        TaxZone(id="us", countries=("US",)),
        TaxZone(id="ny", countries=("US",), regions=("NY",)),
        TaxZone(id="nyc", countries=("US",), postal_prefixes=("100", "101")),
    )
    rates = tuple(TaxRate(zone=one.id, category="standard", name="tax", rate_ppm=10_000) for one in zones)
    for region, code, expected in (("CA", "90001", "us"), ("NY", "12007", "ny"), ("NY", "100 01", "nyc")):
        place = Destination(country="US", region=region, postal_code=code)
        quote = quoted(CART, OFFERS, destination=place, policy=NET, tables=TaxTables(zones=zones, rates=rates))
        assert {one.jurisdiction for one in quote.taxes} == {expected}


def test_a_rate_begins_and_ends_on_a_date() -> None:
    rates = (
        TaxRate(zone="BR", category="standard", name="tax", rate_ppm=160_000, ends_on="2026-11-27"),
        TaxRate(zone="BR", category="standard", name="tax", rate_ppm=190_000, starts_on="2026-11-27"),
    )
    tables = TaxTables(zones=(TaxZone(id="BR", countries=("BR",)),), rates=rates)
    assert [one.rate_ppm for one in quoted(CART, OFFERS, policy=NET, tables=tables).taxes] == [190_000]
    yesterday = quoted(CART, OFFERS, policy=NET, tables=tables, now_ms=NOW - 24 * 3600 * 1000)
    assert [one.rate_ppm for one in yesterday.taxes] == [160_000]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("dearest_line", [(190_000, 160)]), ("proportional", [(70_000, 5), (190_000, 147)]), ("fixed", [(0, 0)])],
)
def test_shipping_is_taxed_by_a_rule(rule: ShippingTaxRule, expected: list[tuple[int, int]]) -> None:
    tables = msgspec.structs.replace(
        GERMAN_TAX, rates=(*GERMAN_TAX.rates, TaxRate(zone="DE", category="shipping", name="none", rate_ppm=0))
    )
    policy = msgspec.structs.replace(GROSS, shipping_tax=rule)
    quote = quoted(CART, OFFERS, terms=EUR, policy=policy, tables=tables, shipping=[delivery(1000)])
    check_sums(quote)
    (charge,) = quote.deliveries
    assert [(one.rate_ppm, one.tax.amount) for one in charge.taxes] == expected


def test_a_surcharge_is_taxed_as_shipping_is() -> None:
    payment = PaymentChoice(method="cash_on_delivery", surcharge=400)
    quote = quoted(CART, OFFERS, terms=EUR, policy=NET, tables=GERMAN_TAX, payment=payment)
    assert (quote.surcharge.amount, quote.surcharges[0].tax.amount, quote.surcharges[0].total.amount) == (400, 76, 476)
    check_sums(quote)


def _company(tax_id: str, country: str = "FR") -> BuyerTerms:
    return BuyerTerms(currency="EUR", country=country, verified=VerifiedFacts(company=True, tax_id=tax_id))


def test_a_company_of_another_member_state_owes_the_tax_itself() -> None:
    quote = quoted(CART, OFFERS, terms=_company("FR12345678901"), policy=NET, tables=GERMAN_TAX)
    assert (taxes(quote), quote.total.amount, quote.relief) == ([], 12_970, "reverse_charge")
    assert quote.notes == ("Reverse charge: FR12345678901",)


def test_included_tax_that_is_not_due_is_taken_off() -> None:
    quote = quoted(CART, OFFERS, terms=_company("FR12345678901"), policy=GROSS, tables=GERMAN_TAX)
    assert (taxes(quote), quote.total.amount, quote.discounts.amount) == ([], 1014 + 9917, 56 + 1983)
    assert [one.why[-1].kind for one in quote.lines] == ["tax_relief", "tax_relief"]


@pytest.mark.parametrize(
    "terms",
    [
        _company("DE123456789", country="DE"),
        _company("DE123456789"),
        _company("US1"),
        BuyerTerms(currency="EUR", country="FR", verified=VerifiedFacts(tax_id="FR12345678901")),
        BuyerTerms(currency="EUR", country="FR", verified=VerifiedFacts(company=True)),
    ],
)
def test_others_pay_the_tax(terms: BuyerTerms) -> None:
    quote = quoted(CART, OFFERS, terms=terms, policy=NET, tables=GERMAN_TAX)
    assert (quote.relief, len(quote.taxes)) == (None, 2)


def test_greek_vat_ids_begin_with_el() -> None:
    terms = BuyerTerms(currency="EUR", country="GR", verified=VerifiedFacts(company=True, tax_id="EL123456789"))
    assert quoted(CART, OFFERS, terms=terms, policy=NET, tables=GERMAN_TAX).relief == "reverse_charge"


def test_a_certificate_exempts() -> None:
    terms = BuyerTerms(currency="EUR", country="DE", verified=VerifiedFacts(exemption="C-1"))
    quote = quoted(CART, OFFERS, terms=terms, policy=NET, tables=GERMAN_TAX)
    assert (quote.relief, quote.tax.amount, quote.notes) == ("exempt", 0, ("Tax exemption certificate: C-1",))


def test_an_answer_that_does_not_add_up_is_refused() -> None:
    priced = price(CART, {one.sku: one for one in OFFERS}, EUR, (), (), (), None, None, NOW, policy=NET)
    good = table_taxes(priced.tax_request, GERMAN_TAX)
    assert with_tax(priced, good).total.amount == 15_306
    first, *rest = good.amounts
    for bad in (
        [],
        rest,
        [first, *rest, first],
        [msgspec.structs.replace(first, gross=first.gross + 1), *rest],
        [msgspec.structs.replace(first, net=first.net - 1, gross=first.gross - 1), *rest],
        [msgspec.structs.replace(first, relieved=1), *rest],
    ):
        with pytest.raises(TaxAnswerInvalid):
            with_tax(priced, msgspec.structs.replace(good, amounts=tuple(bad)))


def test_the_question_says_what_an_engine_needs() -> None:
    offers = {"lamp": offer("lamp", 100, tax_code="94051190", weight_g=500, merchant="anna")}
    request = price([line("lamp", 2)], offers, EUR, (), (), [delivery(5)], None, None, NOW, policy=NET).tax_request
    good, shipping = request.taxables
    assert (good.code, good.weight_g, good.merchant, good.amount, good.quantity_milli) == (
        "94051190",
        500,
        "anna",
        200,
        2000,
    )
    assert (shipping.kind, shipping.amount, request.date, request.currency) == ("shipping", 5, "2026-11-27", "EUR")


def test_shipping_follows_the_sku_that_costs_most_however_its_lines_are_split() -> None:
    offers = [offer("book", 3000, tax_category="reduced"), offer("lamp", 2000)]
    whole = quoted([line("book"), line("lamp", 2)], offers, terms=EUR, tables=GERMAN_TAX, shipping=[delivery(1000)])
    halves = [line("book"), line("lamp", name="l1"), line("lamp", name="l2")]
    split = quoted(halves, offers, terms=EUR, tables=GERMAN_TAX, shipping=[delivery(1000)])
    assert [one.rate_ppm for one in whole.deliveries[0].taxes] == [190_000]
    assert split.deliveries == whole.deliveries


def test_a_merchants_delivery_follows_the_merchants_goods() -> None:
    offers = [offer("book", 3000, tax_category="reduced", merchant="anna"), offer("lamp", 9000)]
    charges = [delivery(1000, merchant="anna"), delivery(1000, id="d2")]
    quote = quoted([line("book"), line("lamp")], offers, terms=EUR, tables=GERMAN_TAX, shipping=charges)
    assert [one.taxes[0].rate_ppm for one in quote.deliveries] == [70_000, 190_000]


_RATES = tuple(
    TaxRate(zone="QC", category="standard", name=f"t{n}", rate_ppm=ppm) for n, ppm in enumerate((50_000, 99_750))
)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.booleans())
@example([1] * 12, False)
def test_included_taxes_are_never_more_than_the_amount(amounts: list[int], per_line: bool) -> None:
    shares = [TaxShare(str(n), amount, _RATES) for n, amount in enumerate(amounts)]
    taxes = rounded_taxes(shares, included=True, per_line=per_line)
    assert all(min(own) >= 0 and sum(own) <= amount for own, amount in zip(taxes, amounts, strict=True))
    if not per_line:
        whole = sum(amounts)
        assert abs(sum(map(sum, taxes)) * 1_149_750 - whole * 149_750) <= 1_149_750 // 2 + 1
