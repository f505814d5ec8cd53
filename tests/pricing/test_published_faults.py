"""Wrong sums that other shops have published as faults, with the right value. ``seen`` names the report."""

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from renga.domains.pricing.contract import (
    LineToPrice,
    OfferFacts,
    PricingPolicy,
    Promotion,
    ShippingCharge,
    TaxRate,
    TaxTables,
    TaxZone,
    returned_share,
)
from renga.kernel.buyer_terms import BuyerTerms
from tests.pricing.shop import amount_off, check_sums, delivery, line, offer, on, percent, promotion, quoted, used

WITH_TAX, WITHOUT_TAX = PricingPolicy(), PricingPolicy(prices_include_tax=False)
PER_LINE = PricingPolicy(prices_include_tax=False, tax_rounding="line")


def rate(ppm: int, **others: int) -> TaxTables:
    """One zone with a standard rate and others by category."""
    found = {"standard": ppm, **others}
    rates = tuple(TaxRate(zone="BR", category=name, name="tax", rate_ppm=one) for name, one in found.items())
    return TaxTables(zones=(TaxZone(id="BR", countries=("BR",)),), rates=rates)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A cart, and what it must cost."""

    seen: str
    lines: Sequence[LineToPrice]
    offers: Sequence[OfferFacts]
    promotions: Sequence[Promotion] = ()
    coupons: Sequence[str] = ()
    shipping: Sequence[ShippingCharge] = ()
    policy: PricingPolicy = WITH_TAX
    tables: TaxTables = TaxTables()
    discounts: int
    tax: int = 0
    total: int


HALF = percent(5000)
ALL = percent(10_000)

FAULTS = [
    Fault(
        seen="saleor 17453: 70 % off the order took 70 % of the price before a sale of 40 %, and goods were free",
        lines=[line("a", 10)], offers=[offer("a", 1000)],
        promotions=[promotion("sale", percent(4000)), promotion("coupon", percent(7000), priority=200)],
        discounts=8200, total=1800,
    ),
    Fault(
        seen="saleor 13831: sale of half, voucher of half, two units of 100: not 50",
        lines=[line("a", 2)], offers=[offer("a", 10_000)],
        promotions=[promotion("sale", HALF), promotion("voucher", HALF, priority=200)],
        discounts=15_000, total=5000,
    ),
    Fault(
        seen="saleor 12040: 25 % off 19.99 was rounded down, so that 15.00 was left",
        lines=[line("a")], offers=[offer("a", 1999)], promotions=[promotion("p", percent(2500))],
        discounts=500, total=1499,
    ),
    Fault(
        seen="saleor 12107: a voucher for one product reduced the cheapest line, which it does not cover",
        lines=[line("cheap"), line("dear")], offers=[offer("cheap", 500), offer("dear", 9000)],
        promotions=[promotion("p", amount_off(700), conditions=[on("dear")])],
        discounts=700, total=8800,
    ),
    Fault(
        seen="saleor 17024: shares of an order's discount differed from it by 0.01",
        lines=[line("a"), line("b"), line("c")], offers=[offer(sku, 1000) for sku in "abc"],
        promotions=[promotion("p", amount_off(1000))],
        discounts=1000, total=2000,
    ),
    Fault(
        seen="vendure 1717: an amount above the total made the total negative",
        lines=[line("a")], offers=[offer("a", 10_000)], promotions=[promotion("p", amount_off(50_000))],
        discounts=10_000, total=0,
    ),
    Fault(
        seen="vendure 2385: 100 % and 15 % together made a price negative",
        lines=[line("a")], offers=[offer("a", 10_000)],
        promotions=[promotion("free", ALL), promotion("more", percent(1500))],
        discounts=10_000, total=0,
    ),
    Fault(
        seen="vendure 3091: 10 % off 25 units of 366.06 was rounded per unit",
        lines=[line("a", 25)], offers=[offer("a", 36_606)], promotions=[promotion("p", percent(1000))],
        discounts=91_515, total=823_635,
    ),
    Fault(
        seen="vendure 2662: 20 % on ten units of 31.86 made 382.30",
        lines=[line("a", 10)], offers=[offer("a", 3186)], policy=WITHOUT_TAX, tables=rate(200_000),
        discounts=0, tax=6372, total=38_232,
    ),
    Fault(
        seen="vendure 1237: 10 off an order without taxes took 10 and tax off",
        lines=[line("a")], offers=[offer("a", 3000)], promotions=[promotion("p", amount_off(1000))],
        policy=WITHOUT_TAX, tables=rate(200_000), discounts=1000, tax=400, total=2400,
    ),
    Fault(
        seen="vendure 2995: 10.00 off a line of three units became 9.99",
        lines=[line("a", 3)], offers=[offer("a", 2000)], promotions=[promotion("p", amount_off(1000))],
        discounts=1000, total=5000,
    ),
    Fault(
        seen="medusa 8829: buy 10 get 20 with ten units in the cart made the total negative",
        lines=[line("a", 10)], offers=[offer("a", 1000)],
        promotions=[promotion("p", {"type": "buy_x_get_y", "buy": 10, "get": 20})],
        discounts=0, total=10_000,
    ),
    Fault(
        seen="medusa 14432: buy 3 get 1 of 23.00 with tax took 27.60 off",
        lines=[line("a", 4)], offers=[offer("a", 2300)],
        promotions=[promotion("p", {"type": "buy_x_get_y", "buy": 3})], tables=rate(200_000),
        discounts=2300, tax=1150, total=6900,
    ),
    Fault(
        seen="medusa 11259: the second at half price was free",
        lines=[line("a", 2)], offers=[offer("a", 2000)],
        promotions=[promotion("p", {"type": "buy_x_get_y", "buy": 1, "basis_points": 5000})],
        discounts=1000, total=3000,
    ),
    Fault(
        seen="medusa 14899: two amounts that are more than the cart made it negative",
        lines=[line("a")], offers=[offer("a", 1000)],
        promotions=[promotion("p", amount_off(800)), promotion("q", amount_off(700))],
        discounts=1000, total=0,
    ),
    Fault(
        seen="medusa 14819: free shipping with tax took more off than shipping cost",
        lines=[line("a")], offers=[offer("a", 1000)], shipping=[delivery(595)],
        promotions=[promotion("p", {"type": "free_shipping"})], tables=rate(190_000),
        discounts=595, tax=160, total=1000,
    ),
    Fault(
        seen="medusa 12226: 100 off 119 with tax left 0",
        lines=[line("a")], offers=[offer("a", 11_900)], promotions=[promotion("p", amount_off(10_000))],
        tables=rate(190_000), discounts=10_000, tax=303, total=1900,
    ),
    Fault(
        seen="magento 33446: 5.00 off with several tax rates took 5.20",
        lines=[line("a"), line("b")], offers=[offer("a", 2000), offer("b", 1000, tax_category="reduced")],
        shipping=[delivery(500)], promotions=[promotion("p", amount_off(500))],
        tables=rate(200_000, reduced=55_000, shipping=100_000),
        policy=PricingPolicy(shipping_tax="fixed"), discounts=500, tax=278 + 43 + 45, total=3000,
    ),
    Fault(
        seen="magento 10790: 100 % off and 18 % tax left -0.01",
        lines=[line("a", 2), line("b", 2)], offers=[offer("a", 276_271), offer("b", 254_237)],
        promotions=[promotion("p", ALL)], policy=WITHOUT_TAX, tables=rate(180_000), discounts=1_061_016, total=0,
    ),
    Fault(
        seen="magento 9512: an amount above the price of 0.30 units left cents, or less than nothing",
        lines=[line("a", 0.3)], offers=[offer("a", 26_633)], promotions=[promotion("p", amount_off(15_000))],
        discounts=7990, total=0,
    ),
    Fault(
        seen="magento 35714: 24.00 off goods of 24.00 with taxed shipping took 25.01",
        lines=[line("a")], offers=[offer("a", 2400)], shipping=[delivery(1800)],
        promotions=[promotion("p", amount_off(2400))], tables=rate(200_000),
        discounts=2400, tax=300, total=1800,
    ),
    Fault(
        seen="woocommerce 16305: 40 % off 51.86 and 8.25 % tax was one cent off",
        lines=[line("a")], offers=[offer("a", 5186)], promotions=[promotion("p", percent(4000))],
        policy=WITHOUT_TAX, tables=rate(82_500), discounts=2074, tax=257, total=3369,
    ),
    Fault(
        seen="woocommerce 22532: 12.50 off three products became 13",
        lines=[line("a"), line("b"), line("c")], offers=[offer("a", 2000), offer("b", 1500), offer("c", 999)],
        promotions=[promotion("p", amount_off(1250))], policy=WITHOUT_TAX, tables=rate(200_000),
        discounts=1250, tax=650, total=3899,
    ),
    Fault(
        seen="woocommerce 13802: 143.76 + 8.63 was 152.38",
        lines=[line("a", 34)], offers=[offer("a", 599)], promotions=[promotion("p", amount_off(5990))],
        policy=WITHOUT_TAX, tables=rate(60_000), discounts=5990, tax=863, total=15_239,
    ),
    Fault(
        seen="woocommerce 12087: 5.00 off prices with 20 % tax was one penny out",
        lines=[line("a", 3), line("b"), line("c", 2)], offers=[offer("a", 650), offer("b", 20), offer("c", 495)],
        promotions=[promotion("p", amount_off(500))], tables=rate(200_000), discounts=500, tax=410, total=2460,
    ),
    Fault(
        seen="woocommerce 7853: 10 % off 20 units of 3.25 was rounded per unit to 6.60",
        lines=[line("a", 20)], offers=[offer("a", 325)], promotions=[promotion("p", percent(1000))],
        discounts=650, total=5850,
    ),
    Fault(
        seen="woocommerce 8291: the total of a half-price line and another was not the sum",
        lines=[line("a"), line("b")], offers=[offer("a", 1349), offer("b", 1449)],
        promotions=[promotion("p", HALF, conditions=[on("a")])], policy=WITHOUT_TAX, tables=rate(75_000),
        discounts=675, tax=159, total=2282,
    ),
    Fault(
        seen="woocommerce 19390: 100 % off prices with tax left 0.01",
        lines=[line("a")], offers=[offer("a", 1001)], promotions=[promotion("p", ALL)], tables=rate(190_000),
        discounts=1001, total=0,
    ),
    Fault(
        seen="odoo 271032: 100 % off two lines of one product left 0.01",
        lines=[line("a", name="l1"), line("a", name="l2")], offers=[offer("a", 1150)],
        promotions=[promotion("p", ALL)], policy=WITHOUT_TAX, tables=rate(150_000), discounts=2300, total=0,
    ),
    Fault(
        seen="virtocommerce 122: 10 % off 49.95 was rounded only when shown",
        lines=[line("a")], offers=[offer("a", 4995)], promotions=[promotion("p", percent(1000))],
        discounts=500, total=4495,
    ),
    Fault(
        seen="a fixed discount larger than a line made the line negative",
        lines=[line("a"), line("b")], offers=[offer("a", 100), offer("b", 5000)],
        promotions=[promotion("p", amount_off(4000))], discounts=4000, total=1100,
    ),
    Fault(
        seen="a percentage of a percentage was added up: 10 % and 20 % are 28 %",
        lines=[line("a")], offers=[offer("a", 10_000)],
        promotions=[promotion("p", percent(1000)), promotion("q", percent(2000))], discounts=2800, total=7200,
    ),
    Fault(
        seen="taxes rounded per order: three lines of 0.99 with 19 % tax are 0.56",
        lines=[line("a"), line("b"), line("c")], offers=[offer(sku, 99) for sku in "abc"],
        policy=WITHOUT_TAX, tables=rate(190_000), discounts=0, tax=56, total=353,
    ),
    Fault(
        seen="taxes rounded per line: three lines of 0.99 with 19 % tax are 0.57",
        lines=[line("a"), line("b"), line("c")], offers=[offer(sku, 99) for sku in "abc"],
        policy=PER_LINE, tables=rate(190_000), discounts=0, tax=57, total=354,
    ),
    Fault(
        seen="a coupon given by two tabs was counted twice",
        lines=[line("a")], offers=[offer("a", 10_000)], promotions=[promotion("p", percent(1000), codes=["TEN"])],
        coupons=["TEN", "ten", " Ten "], discounts=1000, total=9000,
    ),
    Fault(
        seen="a bundle with one sku twice needed it once",
        lines=[line("a"), line("b")], offers=[offer("a", 1000), offer("b", 1000)],
        promotions=[
            promotion("p", {"type": "bundle_price", "parts": [{"sku": "a"}, {"sku": "a"}, {"sku": "b"}],
                            "amounts": {"BRL": 1500}}),
        ],
        discounts=0, total=2000,
    ),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.seen.split(":")[0])
def test_a_published_fault_has_the_right_value_in_any_order(fault: Fault) -> None:
    for lines in itertools.permutations(fault.lines):
        quote = quoted(
            lines, fault.offers, fault.promotions, coupons=fault.coupons, shipping=fault.shipping, policy=fault.policy,
            tables=fault.tables,
        )  # fmt: skip
        check_sums(quote)
        tax = quote.tax.amount + quote.tax_included.amount
        assert (quote.discounts.amount, tax, quote.total.amount) == (fault.discounts, fault.tax, fault.total)


def test_buy_x_get_y_does_not_depend_on_the_order_of_the_lines() -> None:
    offers = [offer("a", 3000), offer("b", 2000), offer("c", 1000)]
    three = promotion("p", {"type": "buy_x_get_y", "buy": 2})
    for lines in itertools.permutations([line("a", 1), line("b", 4), line("c", 1)]):
        quote = quoted(lines, offers, [three])
        # groups from the dearest: 30 20 [20], 20 20 [10]
        assert used(quote) == {"p": 3000}


def test_a_bundle_with_one_sku_twice_is_complete_with_two() -> None:
    bundle = {"type": "bundle_price", "parts": [{"sku": "a"}, {"sku": "a"}, {"sku": "b"}], "amounts": {"BRL": 1500}}
    quote = quoted([line("a", 5), line("b", 2)], [offer("a", 1000), offer("b", 1000)], [promotion("p", bundle)])
    assert (used(quote), quote.total.amount) == ({"p": 3000}, 4000)


def test_a_discount_of_different_rates_is_shared_in_proportion_to_prices() -> None:
    # vendure 653
    offers = [offer("a", 10_000), offer("b", 10_000, tax_category="reduced")]
    quote = quoted(
        [line("a"), line("b")], offers, [promotion("p", amount_off(2000))], tables=rate(190_000, reduced=70_000)
    )
    assert [one.discounts[0].amount.amount for one in quote.lines] == [1000, 1000]


def test_the_order_of_products_does_not_change_the_total() -> None:
    # magento 38455: two carts with the same products had different totals
    offers = [offer("hat", 73_361), offer("jacket", 56_967)]
    cart = [line("hat", 3), line("jacket", 2)]
    totals = {
        quoted(lines, offers, [promotion("p", percent(1000))], policy=policy, tables=rate(220_000)).total.amount
        for lines in (cart, cart[::-1])
        for policy in (WITHOUT_TAX, PER_LINE)
    }
    assert totals == {366_750, 366_751}


def test_a_line_that_is_returned_takes_its_own_share_of_the_discount_with_it() -> None:
    # vendure 4811: the discount of a returned line went to the lines that stayed
    quote = quoted([line("a", 3), line("b")], [offer("a", 1000), offer("b", 7000)], [promotion("p", amount_off(1000))])
    by_line = {one.line: one for one in quote.lines}
    assert by_line["l-a"].total.amount == 2700
    back = [returned_share(by_line["l-a"].total.amount, 3, returned, 1) for returned in range(3)]
    assert (back, by_line["l-b"].total.amount) == ([900, 900, 900], 6300)


def test_refund_of_one_unit_of_three_for_ten() -> None:
    quote = quoted([line("a", 3)], [offer("a", 500)], [promotion("p", amount_off(500))])
    (only,) = quote.lines
    assert (only.total.amount, only.unit_price.amount) == (1000, 333)
    assert sorted(returned_share(1000, 3, returned, 1) for returned in range(3)) == [333, 333, 334]


def _terms(currency: str) -> BuyerTerms:
    return BuyerTerms(currency=currency, country="BR")


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [("JPY", 999, (100, 899)), ("KWD", 12_345, (1235, 11_110)), ("BRL", 995, (100, 895))],
)
def test_discounts_have_the_digits_of_the_currency(currency: str, amount: int, expected: tuple[int, int]) -> None:
    tenth: dict[str, Any] = percent(1000)
    quote = quoted([line("a")], [offer("a", amount)], [promotion("p", tenth)], terms=_terms(currency))
    assert (quote.discounts.amount, quote.total.amount) == expected
