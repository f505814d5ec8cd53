"""Each action of a promotion, its caps, and what a merchant's promotion may touch."""

from typing import Any

import pytest

from renga.domains.pricing.contract import PricingPolicy
from tests.pricing.shop import (
    amount_off,
    check_sums,
    delivery,
    discounts,
    line,
    offer,
    on,
    percent,
    promotion,
    quoted,
    used,
)

OFFERS = [offer("a", 1000), offer("b", 2000), offer("c", 3000)]
CART = [line("a", 3), line("b", 2), line("c")]


def brl(amount: int) -> dict[str, int]:
    return {"BRL": amount}


ACTIONS: list[tuple[dict[str, Any], dict[str, int]]] = [
    (percent(1500), {"l-a": 450, "l-b": 600, "l-c": 450}),
    (amount_off(1000), {"l-a": 300, "l-b": 400, "l-c": 300}),
    (amount_off(1001), {"l-a": 300, "l-b": 401, "l-c": 300}),
    (amount_off(1500, per="unit"), {"l-a": 3000, "l-b": 3000, "l-c": 1500}),
    ({"type": "fixed_price", "amounts": brl(1500)}, {"l-b": 1000, "l-c": 1500}),
    ({"type": "fixed_price", "amounts": {"USD": 1}}, {}),
    ({"type": "buy_x_get_y", "buy": 2}, {"l-b": 2000, "l-a": 1000}),
    ({"type": "buy_x_get_y", "buy": 1, "basis_points": 5000}, {"l-b": 1000, "l-a": 1000}),
    ({"type": "buy_x_get_y", "buy": 2, "of": [on("a")]}, {"l-a": 1000}),
    ({"type": "buy_x_get_y", "buy": 1, "of": [on("a")]}, {"l-a": 3000}),
    ({"type": "buy_x_get_y", "buy": 1, "of": [{**on("c"), "exclude": True}]}, {"l-a": 1000}),
    ({"type": "cheapest_free", "every": 3}, {"l-a": 2000}),
    ({"type": "cheapest_free", "every": 7}, {}),
    ({"type": "tiers", "tiers": [{"quantity": 6, "off": brl(700)}, {"quantity": 2, "basis_points": 100}]},
     {"l-a": 210, "l-b": 280, "l-c": 210}),
    ({"type": "tiers", "tiers": [{"amounts": brl(10_001), "off": brl(700)}, {"amounts": brl(100), "basis_points": 100}]},
     {"l-a": 30, "l-b": 40, "l-c": 30}),
    ({"type": "bundle_price", "parts": [{"sku": "a"}, {"sku": "b"}], "amounts": brl(2400)}, {"l-a": 400, "l-b": 800}),
    ({"type": "bundle_price", "parts": [{"sku": "a"}, {"sku": "b"}], "amounts": brl(9000)}, {}),
    ({"type": "bundle_price", "parts": [{"sku": "a"}, {"sku": "d"}], "amounts": brl(1)}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "expected"), ACTIONS)
def test_an_action_takes_off_what_it_says(action: dict[str, Any], expected: dict[str, int]) -> None:
    quote = quoted(CART, OFFERS, [promotion("p", action)])
    assert {name: amount for name, amount in discounts(quote).items() if amount} == expected
    check_sums(quote)


SHIPPING: list[tuple[dict[str, Any], list[int]]] = [
    ({"type": "free_shipping"}, [900, 501]),
    ({"type": "free_shipping", "options": ["express"]}, [0, 501]),
    ({"type": "reduced_shipping", "basis_points": 5000}, [450, 251]),
    ({"type": "reduced_shipping", "amounts": brl(700)}, [450, 250]),
    ({"type": "reduced_shipping", "fixed": brl(600)}, [300, 0]),
]


@pytest.mark.parametrize(("action", "expected"), SHIPPING)
def test_an_action_reduces_deliveries(action: dict[str, Any], expected: list[int]) -> None:
    charges = [delivery(900, id="d1"), delivery(501, id="d2", option="express")]
    quote = quoted(CART, OFFERS, [promotion("p", action)], shipping=charges)
    assert [sum(one.amount.amount for one in each.discounts) for each in quote.deliveries] == expected
    assert quote.promotions[0].shipping.amount == sum(expected)
    check_sums(quote)


def test_a_gift_is_a_line_of_its_own() -> None:
    gift = promotion("p", {"type": "gift", "sku": "c", "quantity": 2}, conditions=[on("a")])
    quote = quoted([line("a")], OFFERS, [gift])
    added = quote.lines[-1]
    assert (added.line, added.sku, added.quantity, added.gift) == ("gift:p:0", "c", 2, True)
    assert (added.total.amount, added.discounts[0].amount.amount, quote.total.amount) == (0, 6000, 1000)
    check_sums(quote)


def test_there_is_no_gift_without_enough_units() -> None:
    gift = {"type": "gift", "sku": "c"}
    offers = [OFFERS[0], offer("c", 3000, available_milli=2000)]
    promotions = [promotion("p", gift), promotion("q", gift, priority=200)]
    assert [one.promotion for one in quoted([line("a")], offers, promotions).promotions] == ["p", "q"]
    assert [one.promotion for one in quoted([line("a"), line("c")], offers, promotions).promotions] == ["p"]
    assert used(quoted([line("a"), line("c", 2)], offers, promotions)) == {}
    assert used(quoted([line("a")], OFFERS[:1], promotions)) == {}


def test_a_cap_reduces_all_shares_in_proportion() -> None:
    half = promotion("p", percent(5000), {"type": "free_shipping"}, limits={"amount_max": brl(1000)})
    quote = quoted(CART, OFFERS, [half], shipping=[delivery(500)])
    assert (used(quote), quote.promotions[0].shipping.amount) == ({"p": 1000}, 91)
    other = promotion("p", percent(5000), limits={"amount_max": {"USD": 1000}})
    assert used(quoted(CART, OFFERS, [other])) == {}


def test_a_minimum_margin_holds_per_line() -> None:
    offers = [offer("a", 1000, cost=800), offer("b", 1000)]
    sale = promotion("p", percent(5000), limits={"margin_basis_points_min": 1000})
    # 800 / (1 - 10 %) = 888.9: a unit of ``a`` is not sold below 889
    assert discounts(quoted([line("a"), line("b")], offers, [sale])) == {"l-a": 111, "l-b": 500}
    general = PricingPolicy(margin_basis_points_min=2000)
    assert discounts(quoted([line("a"), line("b")], offers, [sale], policy=general)) == {"l-a": 0, "l-b": 500}
    amount = promotion("p", amount_off(700), limits={"margin_basis_points_min": 1000})
    assert discounts(quoted([line("a"), line("b")], offers, [amount])) == {"l-a": 70, "l-b": 630}


def test_applications_are_limited() -> None:
    three = promotion("p", {"type": "buy_x_get_y", "buy": 2}, limits={"applications_max": 1})
    assert used(quoted(CART, OFFERS, [three])) == {"p": 2000}


def test_a_merchants_promotion_touches_only_its_lines_and_deliveries() -> None:
    offers = [offer("a", 1000, merchant="anna"), offer("b", 1000)]
    annas = promotion("p", percent(1000), {"type": "free_shipping"}, merchant="anna", funded_by="merchant")
    charges = [delivery(500, id="d1", merchant="anna"), delivery(500, id="d2")]
    quote = quoted([line("a"), line("b")], offers, [annas], shipping=charges)
    assert discounts(quote) == {"l-a": 100, "l-b": 0}
    assert [len(one.discounts) for one in quote.deliveries] == [1, 0]
    assert quote.lines[0].discounts[0].funded_by == "merchant"
    assert used(quoted([line("b")], offers, [annas], shipping=charges)) == {}


def test_promotions_are_applied_by_priority_then_by_kind_then_by_id() -> None:
    promotions = [
        promotion("z", amount_off(100), priority=1),
        promotion("c", amount_off(1000)),
        promotion("b", percent(1000)),
        promotion("a", percent(1000)),
        promotion("deal", percent(100), group="best_deal", priority=999),
    ]
    quote = quoted([line("a", 10)], OFFERS, promotions)
    assert [(one.promotion, one.amount.amount) for one in quote.promotions] == [
        ("deal", 100), ("z", 100), ("a", 980), ("b", 882), ("c", 1000),
    ]  # fmt: skip


def test_a_discounted_fraction_of_a_unit() -> None:
    quote = quoted([line("a", 0.25), line("b", 1.5)], OFFERS, [promotion("p", amount_off(100, per="unit"))])
    assert discounts(quote) == {"l-a": 25, "l-b": 150}
    assert [one.quantity for one in quote.lines] == [0.25, 1.5]


def test_buy_x_get_y_counts_whole_units_of_fractions() -> None:
    quote = quoted([line("a", 2.5)], OFFERS, [promotion("p", {"type": "buy_x_get_y", "buy": 1})])
    assert used(quote) == {"p": 1000}


def test_a_million_units_cost_no_more_time_than_three() -> None:
    quote = quoted([line("a", 999_999)], OFFERS, [promotion("p", {"type": "buy_x_get_y", "buy": 2})])
    assert used(quote) == {"p": 333_333_000}


def test_a_left_over_minor_unit_goes_to_the_first_sku_whatever_the_lines_are_called() -> None:
    offers = [offer("a", 1000), offer("b", 1000)]
    for first, second in (("y", "z"), ("z", "y")):
        quote = quoted([line("a", name=first), line("b", name=second)], offers, [promotion("p", amount_off(1001))])
        assert discounts(quote) == {first: 501, second: 500}


def test_a_merchant_gives_away_only_what_is_the_merchants_now() -> None:
    """It was when the promotion was written; a sku may have gone to another merchant since."""
    gift = {"type": "gift", "sku": "pen"}
    mug, pen = offer("mug", 1000, merchant="potter"), offer("pen", 300, merchant="potter")
    given = quoted([line("mug")], [mug, pen], [promotion("p", gift, merchant="potter")])
    assert [one.sku for one in given.lines] == ["mug", "pen"]
    others = offer("pen", 300, merchant="stationer")
    assert [
        one.sku for one in quoted([line("mug")], [mug, others], [promotion("p", gift, merchant="potter")]).lines
    ] == ["mug"]
    of_shop = quoted([line("mug")], [mug, others], [promotion("p", gift)])
    assert [one.sku for one in of_shop.lines] == ["mug", "pen"]
