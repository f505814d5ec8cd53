"""What a quote says about its lines: changes, reasons, coupons, currencies, prices per measure; what it refuses."""

from typing import Any

import msgspec
import pytest

from renga.domains.pricing.contract import (
    CouponClaim,
    ExchangeRate,
    LineToPrice,
    OfferFacts,
    PaymentChoice,
    PriceRow,
    PricingPolicy,
    Quote,
    QuoteAmountTooLarge,
    QuoteQuantityInvalid,
    QuoteTooLarge,
    UnitMeasure,
)
from renga.domains.pricing.model.currency import CASH_STEPS, cash_rounding
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.money import CURRENCIES, Money
from tests.pricing.shop import amount_off, check_sums, line, offer, on, percent, promotion, quoted, used


def test_a_line_says_what_changed_since_the_cart() -> None:
    offers = [
        offer("up", 110), offer("down", 90), offer("same", 100), offer("few", 120, available_milli=2000),
        offer("off", 100, sold=False), offer("dollars", 100, rows=()), offer("empty", 100, available_milli=0),
    ]  # fmt: skip
    cart = [line(one.sku, 3, was=100) for one in offers] + [line("gone", 3, was=100)]
    quote = quoted(cart, offers)
    check_sums(quote)
    assert {one.sku: (one.change, one.quantity) for one in quote.lines} == {
        "up": ("price_up", 3), "down": ("price_down", 3), "same": (None, 3), "few": ("quantity_reduced", 2),
        "off": ("unavailable", 0), "dollars": ("unavailable", 0), "empty": ("unavailable", 0), "gone": ("unavailable", 0),
    }  # fmt: skip
    by_sku = {one.sku: one for one in quote.lines}
    assert (by_sku["few"].was, by_sku["few"].now, by_sku["few"].asked) == (Money(100, "BRL"), Money(120, "BRL"), 3)
    assert (by_sku["off"].now, by_sku["off"].total) == (None, Money(0, "BRL"))


@pytest.mark.parametrize(("was", "consent"), [(99, True), (100, False), (101, False), (None, False)])
def test_only_what_is_worse_needs_consent(was: int | None, consent: bool) -> None:
    assert quoted([line("a", was=was)], [offer("a", 100)]).consent_required is consent


def test_lines_of_one_sku_share_what_is_left() -> None:
    cart = [line("a", 2, name="l1"), line("a", 2, name="l2"), line("a", 1, name="l3")]
    quote = quoted(cart, [offer("a", 100, available_milli=3500)])
    assert [(one.line, one.quantity, one.change) for one in quote.lines] == [
        ("l1", 2, None), ("l2", 1, "quantity_reduced"), ("l3", 0, "unavailable"),
    ]  # fmt: skip


def reasons(quote: Quote, position: int = 0) -> list[tuple[str, int]]:
    return [(one.kind, one.amount.amount) for one in quote.lines[position].why]


def test_every_step_of_a_price_has_a_reason() -> None:
    trade = offer("a", 0, rows=(PriceRow(amount=900), PriceRow(amount=800, min_quantity=10)), plain=1000)
    promotions = [promotion("p", percent(1000)), promotion("c", amount_off(200), codes=["TEN"])]
    quote = quoted([line("a", 10)], [trade], promotions, coupons=["ten"])
    assert reasons(quote) == [
        ("base", 10_000), ("price_list", -1000), ("quantity_break", -1000), ("promotion", -800), ("coupon", -200),
    ]  # fmt: skip
    coupon = quote.lines[0].why[-1]
    assert (coupon.id, coupon.code, coupon.text) == ("c", "ten", "c")


def test_a_quantity_break_counts_all_lines_of_the_sku() -> None:
    offers = [offer("a", 0, rows=(PriceRow(amount=100), PriceRow(amount=80, min_quantity=3)))]
    quote = quoted([line("a", 1, name="l1"), line("a", 2, name="l2")], offers)
    assert [one.total.amount for one in quote.lines] == [80, 160]


def test_a_row_that_begins_above_one_unit_is_no_price_for_fewer() -> None:
    offers = [offer("a", 0, rows=(PriceRow(amount=80, min_quantity=6),))]
    assert quoted([line("a", 5)], offers).lines[0].change == "unavailable"
    assert quoted([line("a", 6)], offers).total.amount == 480


def test_the_rounding_of_split_fractions_is_a_reason() -> None:
    cart = [line("a", 0.5, name="l1"), line("a", 0.5, name="l2")]
    quote = quoted(cart, [offer("a", 333)])
    assert [one.total.amount for one in quote.lines] == [167, 166]
    assert reasons(quote, 1) == [("base", 167), ("rounding", -1)]


def test_a_reduced_price_shows_the_lowest_of_30_days() -> None:
    reduced = offer("a", 800, compare_at=1000, lowest_30_days=850)
    shown = quoted([line("a")], [reduced]).lines[0]
    assert (shown.compare_at, shown.lowest_30_days) == (Money(1000, "BRL"), Money(850, "BRL"))
    full = quoted([line("a")], [msgspec.structs.replace(reduced, compare_at=800)]).lines[0]
    assert (full.compare_at, full.lowest_30_days) == (None, None)


@pytest.mark.parametrize(
    ("content", "per", "amount", "expected"),
    [(250, "kg", 1000, 4000), (750, "l", 999, 1332), (6000, "piece", 600, 100)],
)
def test_the_price_per_measure_is_after_discounts(content: int, per: Any, amount: int, expected: int) -> None:
    offers = [offer("a", 2 * amount, measure=UnitMeasure(content=content, per=per))]
    shown = quoted([line("a", 3)], offers, [promotion("p", percent(5000))]).lines[0].measure_price
    assert shown is not None
    assert (shown.price, shown.per) == (Money(expected, "BRL"), per)


CODES = [promotion("p", amount_off(100), codes=["TEN", "Zehn"]), promotion("big", amount_off(500), conditions=[on("b")],
         codes=["BIG"]), promotion("one", percent(100), group="exclusive", codes=["ONE"]),
         promotion("batch", amount_off(7), code_batches=True),
         promotion("old", amount_off(1), codes=["OLD"], ends_at="2026-01-01T00:00:00Z"),
         promotion("new", amount_off(1), codes=["NEW"], starts_at="2027-01-01T00:00:00Z"),
         promotion("app", amount_off(1), codes=["APP"], conditions=[{"type": "channels", "channels": ["app"]}]),
         ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("TEN", None), (" zehn ", None), ("BIG", "coupon_conditions_not_met"), ("ONE", "coupon_not_combinable"),
        ("NOPE", "coupon_unknown"), ("OLD", "coupon_expired"), ("NEW", "coupon_not_started"),
        ("APP", "coupon_conditions_not_met"),
        (CouponClaim(code="X7", promotion="batch"), None), (CouponClaim(code="X7"), "coupon_unknown"),
        (CouponClaim(code="X7", promotion="batch", refused="coupon_used"), "coupon_used"),
        (CouponClaim(code="X7", promotion="gone"), "coupon_unknown"),
    ],
)  # fmt: skip
def test_a_coupon_is_used_or_refused_with_a_code(code: Any, refused: str | None) -> None:
    other = promotion("other", amount_off(50))
    quote = quoted([line("a")], [offer("a", 1000)], [*CODES, other], coupons=[code])
    assert quote.coupons[0].refused == refused
    assert (len(used(quote)) == 2) is (refused is None)


def test_two_codes_of_one_promotion_count_once() -> None:
    quote = quoted([line("a")], [offer("a", 1000)], CODES, coupons=["TEN", "ZEHN"])
    assert used(quote) == {"p": 100}
    assert [(one.code, one.refused) for one in quote.coupons] == [("TEN", None), ("ZEHN", "coupon_not_combinable")]


def test_a_promotion_with_codes_needs_one() -> None:
    assert used(quoted([line("a")], [offer("a", 1000)], CODES)) == {}


RATE = ExchangeRate(base="USD", quote="BRL", rate_ppm=5_432_100, date="2026-11-26", source="ECB")
DOLLARS = offer("a", 0, rows=(PriceRow(amount=1000, currency="USD"),))


def test_a_price_is_converted_only_by_a_dated_rate() -> None:
    quote = quoted([line("a", 2)], [DOLLARS], policy=PricingPolicy(rates=(RATE,)))
    why = quote.lines[0].why[0]
    assert (quote.total, why.kind, why.text) == (
        Money(10_864, "BRL"),
        "conversion",
        "1 USD = 5.4321 BRL (ECB, 2026-11-26)",
    )


@pytest.mark.parametrize(
    "rates",
    [
        (),
        (msgspec.structs.replace(RATE, date="2026-11-28"),),
        (msgspec.structs.replace(RATE, date="2026-11-23"),),
        (msgspec.structs.replace(RATE, base="BRL", quote="USD"),),
    ],
)
def test_without_a_rate_it_is_not_sold(rates: tuple[ExchangeRate, ...]) -> None:
    assert quoted([line("a")], [DOLLARS], policy=PricingPolicy(rates=rates)).lines[0].change == "unavailable"


def test_conversion_between_currencies_of_different_digits() -> None:
    yen = ExchangeRate(base="JPY", quote="KWD", rate_ppm=2_050, date="2026-11-27", source="CBK")
    offers = [offer("a", 0, rows=(PriceRow(amount=1000, currency="JPY"),))]
    terms = BuyerTerms(currency="KWD")
    assert quoted([line("a")], offers, terms=terms, policy=PricingPolicy(rates=(yen,))).total == Money(2050, "KWD")


@pytest.mark.parametrize(
    ("currency", "amount", "due"), [("CHF", 1002, 1000), ("CHF", 1003, 1005), ("SEK", 1050, 1100), ("BRL", 1003, 1003)]
)
def test_cash_is_rounded_to_coins_and_cards_are_not(currency: str, amount: int, due: int) -> None:
    terms = BuyerTerms(currency=currency)
    cash = quoted([line("a")], [offer("a", amount)], terms=terms, payment=PaymentChoice(method="cash", cash=True))
    assert (cash.total.amount, cash.rounding.amount, cash.due.amount) == (amount, due - amount, due)
    check_sums(cash)
    card = quoted([line("a")], [offer("a", amount)], terms=terms, payment=PaymentChoice(method="card"))
    assert (card.rounding.amount, card.due.amount) == (0, amount)


def test_coins_are_of_currencies_that_exist() -> None:
    assert CASH_STEPS.keys() <= CURRENCIES
    assert all(abs(cash_rounding(amount, "HUF")) <= 250 for amount in range(2000))


def test_what_is_out_of_range_is_refused() -> None:
    offers = [offer("a", 9_007_199_254_740_991)]
    with pytest.raises(QuoteAmountTooLarge):
        quoted([line("a", 2)], offers)
    for bad in ([line("a", 0)], [line("a", -1)], [line("a", 1_000_001)], [line("a"), line("a")]):
        with pytest.raises(QuoteQuantityInvalid):
            quoted(bad, offers)
    with pytest.raises(QuoteTooLarge):
        quoted([line("a", name=str(n)) for n in range(501)], offers)


def test_an_empty_cart_costs_nothing() -> None:
    quote = quoted([], [])
    assert (quote.lines, quote.total.amount, [one.type for one in quote.totals]) == ((), 0, ["subtotal", "total"])


def test_a_quote_goes_through_json() -> None:
    cart: list[LineToPrice] = [line("a", 0.25, was=5)]
    offers: list[OfferFacts] = [offer("a", 1000, measure=UnitMeasure(content=1000, per="kg"))]
    quote = quoted(cart, offers, [promotion("p", percent(1000))])
    text = msgspec.json.encode(quote)
    assert msgspec.json.decode(text, type=Quote) == quote
    assert msgspec.json.decode(text)["lines"][0]["quantity"] == 0.25
