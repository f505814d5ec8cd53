"""Properties of every quote, for random shops, promotions and tax rules."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renga.domains.pricing.contract import (
    LineToPrice,
    OfferFacts,
    PaymentChoice,
    PricingPolicy,
    Promotion,
    Quote,
    QuoteLine,
    ShippingCharge,
    TaxTables,
)
from tests import proof
from tests.pricing import strategies as some
from tests.pricing.shop import check_sums, parts, quoted

EXAMPLES = proof.count(small=60, full=3000)
PAYMENT = PaymentChoice(method="boleto", surcharge=199)
pytestmark = pytest.mark.proof

everything = given(some.lines, some.offers, some.promotions, some.shipping, some.policies, some.tables)


def _quote(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    promotions: list[Promotion],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
) -> Quote:
    return quoted(lines, offers, promotions, shipping=shipping, policy=policy, tables=tables, payment=PAYMENT)


@settings(max_examples=EXAMPLES, deadline=None)
@everything
def test_sums_are_exact_and_nothing_is_negative(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    promotions: list[Promotion],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
) -> None:
    quote = _quote(lines, offers, promotions, shipping, policy, tables)
    check_sums(quote)
    assert min(total.amount.amount for total in quote.totals if total.type != "discount") >= 0


@settings(max_examples=EXAMPLES, deadline=None)
@everything
def test_the_same_input_in_another_order_gives_the_same_quote(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    promotions: list[Promotion],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
) -> None:
    dice = random.Random(7)
    quote = _quote(lines, offers, promotions, shipping, policy, tables)
    assert _quote(lines, offers, promotions, shipping, policy, tables) == quote
    for one in (lines, offers, promotions, shipping):
        dice.shuffle(one)
    again = _quote(lines, offers, promotions, shipping, policy, tables)
    assert sorted(again.lines, key=lambda one: one.line) == sorted(quote.lines, key=lambda one: one.line)
    assert (again.totals, again.deliveries, again.taxes) == (quote.totals, quote.deliveries, quote.taxes)


@settings(max_examples=EXAMPLES, deadline=None)
@given(some.whole_lines, some.plain_offers, some.shipping, some.policies, some.tables, st.data())
def test_one_more_unit_never_lowers_the_total_without_a_reason(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
    data: st.DataObject,
) -> None:
    chosen = data.draw(st.integers(0, len(lines) - 1))
    more = [
        msgspec.structs.replace(one, quantity_milli=one.quantity_milli + 1000 * (n == chosen))
        for n, one in enumerate(lines)
    ]
    # the tax on shipping may follow the goods, so shipping is taxed by itself here
    policy = msgspec.structs.replace(policy, shipping_tax="fixed")
    before = _quote(lines, offers, [], shipping, policy, tables)
    assert _quote(more, offers, [], shipping, policy, tables).total.amount >= before.total.amount


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    some.whole_lines, some.offers, some.promotions, some.shipping, some.policies, some.tables, st.data(),
)  # fmt: skip
def test_splitting_a_line_changes_nothing_if_taxes_are_rounded_per_order(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    promotions: list[Promotion],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
    data: st.DataObject,
) -> None:
    chosen = data.draw(st.integers(0, len(lines) - 1))
    one = lines[chosen]
    first = data.draw(st.integers(1, max(1, one.quantity_milli // 1000 - 1))) * 1000
    if one.quantity_milli == 1000:
        return
    halves = [
        msgspec.structs.replace(one, quantity_milli=first),
        LineToPrice(line="zz", sku=one.sku, quantity_milli=one.quantity_milli - first),
    ]
    whole = _quote(lines, offers, promotions, shipping, policy, tables)
    split = _quote([*lines[:chosen], *halves, *lines[chosen + 1 :]], offers, promotions, shipping, policy, tables)
    if policy.tax_rounding == "order":
        assert (split.totals, split.taxes) == (whole.totals, whole.taxes)
    else:
        assert abs(split.total.amount - whole.total.amount) <= max(1, len(whole.taxes))
        assert abs(split.tax_included.amount - whole.tax_included.amount) <= max(1, len(whole.taxes))
    assert split.discounts == whole.discounts
    assert {one.promotion: one.amount for one in split.promotions} == {
        one.promotion: one.amount for one in whole.promotions
    }


@settings(max_examples=EXAMPLES, deadline=None)
@everything
def test_a_promotion_of_a_merchant_touches_only_the_merchants_lines(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    promotions: list[Promotion],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
) -> None:
    quote = _quote(lines, offers, promotions, shipping, policy, tables)
    merchant_of = {one.id: one.merchant for one in promotions}
    for part in parts(quote):
        if not (isinstance(part, QuoteLine) and part.gift):
            owners = {merchant_of[one.promotion] for one in part.discounts if one.promotion}
            assert owners <= {None, part.merchant}


@settings(max_examples=EXAMPLES, deadline=None)
@everything
def test_ids_of_lines_do_not_matter(
    lines: list[LineToPrice],
    offers: list[OfferFacts],
    promotions: list[Promotion],
    shipping: list[ShippingCharge],
    policy: PricingPolicy,
    tables: TaxTables,
) -> None:
    by_sku = {one.sku: one for one in lines}
    single = list(by_sku.values())
    renamed = [msgspec.structs.replace(one, line=f"r{len(single) - n}") for n, one in enumerate(single)]
    quote = _quote(single, offers, promotions, shipping, policy, tables)
    again = _quote(renamed, offers, promotions, shipping, policy, tables)
    assert again.totals == quote.totals
    assert [(one.sku, one.total, one.discounts) for one in again.lines] == [
        (one.sku, one.total, one.discounts) for one in quote.lines
    ]
