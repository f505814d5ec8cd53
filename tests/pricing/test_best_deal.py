"""The best deal against a naive reference that tries everything; exclusive promotions; bounds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renga.domains.pricing.contract import LineToPrice, Promotion
from renga.domains.pricing.model.best_deal import BEST_DEAL_EXACT_MAX
from tests import proof
from tests.pricing.reference import NaiveCart, NaivePromotion, naive_best_total
from tests.pricing.shop import amount_off, line, offer, on, percent, promotion, quoted, used

SKUS = ("a", "b", "c", "d")
carts = st.dictionaries(st.sampled_from(SKUS), st.tuples(st.integers(1, 900), st.integers(1, 4)), min_size=1)
_skus = st.lists(st.sampled_from(SKUS), min_size=1, max_size=4, unique=True).map(lambda skus: tuple(sorted(skus)))
best_deals = st.lists(
    st.one_of(
        st.builds(NaivePromotion, st.just("percent"), _skus, st.sampled_from((500, 1000, 2500, 9999))),
        st.builds(NaivePromotion, st.just("fixed"), _skus, st.integers(0, 600)),
        st.builds(NaivePromotion, st.just("three_for_two"), _skus, st.just(0)),
        st.builds(NaivePromotion, st.just("order"), _skus, st.integers(1, 900)),
    ),
    max_size=BEST_DEAL_EXACT_MAX - 1,
)
exclusive = st.lists(st.builds(NaivePromotion, st.just("percent"), _skus, st.sampled_from((2000, 7000))), max_size=2)
combinable = st.lists(st.builds(NaivePromotion, st.just("percent"), _skus, st.sampled_from((1000, 5000))), max_size=2)

_ACTIONS: dict[str, Any] = {
    "percent": percent,
    "fixed": lambda number: {"type": "fixed_price", "amounts": {"BRL": number}},
    "three_for_two": lambda _: {"type": "buy_x_get_y", "buy": 2},
    "order": amount_off,
}


def _promotion(name: str, naive: NaivePromotion, group: str, priority: int) -> Promotion:
    action = _ACTIONS[naive.kind](naive.number)
    return promotion(name, action, conditions=[on(*naive.skus)], group=group, priority=priority)


def _lines(cart: NaiveCart) -> list[LineToPrice]:
    return [line(sku, count) for sku, (_, count) in cart.items()]


@pytest.mark.proof
@settings(max_examples=proof.count(small=150, full=5000), deadline=None)
@given(carts, best_deals, combinable, exclusive)
def test_the_buyer_pays_what_the_best_of_all_combinations_costs(
    cart: NaiveCart, deals: list[NaivePromotion], others: list[NaivePromotion], alone: list[NaivePromotion]
) -> None:
    promotions = [_promotion(f"d{n}", one, "best_deal", n) for n, one in enumerate(deals)]
    promotions += [_promotion(f"x{n}", one, "combinable", n) for n, one in enumerate(others)]
    promotions += [_promotion(f"e{n}", one, "exclusive", n) for n, one in enumerate(alone)]
    quote = quoted(_lines(cart), [offer(sku, price) for sku, (price, _) in cart.items()], promotions)
    assert not quote.approximated
    assert quote.total.amount == naive_best_total(cart, deals, others, alone)


def test_the_best_deal_is_not_the_largest_first() -> None:
    """The set alone takes 500 off, the other two together 800."""
    offers = [offer(sku, 1000) for sku in "abc"]
    bundle = {"type": "bundle_price", "parts": [{"sku": "a"}, {"sku": "b"}], "amounts": {"BRL": 1500}}
    promotions = [
        promotion("set", bundle, conditions=[on("a", "b")], group="best_deal"),
        promotion("left", amount_off(400), conditions=[on("a")], group="best_deal"),
        promotion("right", amount_off(400), conditions=[on("b")], group="best_deal"),
    ]
    assert used(quoted([line("a"), line("b"), line("c")], offers, promotions)) == {"left": 400, "right": 400}


def test_what_is_best_counts_the_combinable_promotions_that_follow() -> None:
    """20.00 off ``a`` beats 21.00 off ``b``, for half of ``b`` is taken off afterwards anyway."""
    offers = [offer("a", 10_000), offer("b", 10_000)]
    promotions = [
        promotion("on-a", amount_off(2000), conditions=[on("a", "c")], group="best_deal"),
        promotion("on-b", amount_off(2100), conditions=[on("b", "c")], group="best_deal"),
        promotion("half", percent(5000), conditions=[on("b")]),
        promotion("both", amount_off(100), conditions=[on("a", "b")], group="best_deal"),
    ]
    quote = quoted([line("a"), line("b")], offers, promotions)
    assert used(quote) == {"on-a": 2000, "on-b": 2100, "half": 3950}


def test_an_exclusive_promotion_stands_alone_if_that_is_better_for_the_buyer() -> None:
    offers = [offer("a", 10_000)]
    small = promotion("small", percent(500), group="exclusive")
    large = promotion("large", percent(3000), group="exclusive")
    others = [promotion("p", percent(1000)), promotion("q", percent(1000), group="best_deal")]
    assert used(quoted([line("a")], offers, [small, *others])) == {"q": 1000, "p": 900}
    assert used(quoted([line("a")], offers, [small, large, *others])) == {"large": 3000}


def test_an_exclusive_promotion_of_a_merchant_keeps_others_off_its_lines_only() -> None:
    offers = [offer("a", 10_000, merchant="anna"), offer("b", 10_000)]
    promotions = [
        promotion("annas", percent(5000), group="exclusive", merchant="anna", funded_by="merchant"),
        promotion("shops", percent(1000)),
    ]
    quote = quoted([line("a"), line("b")], offers, promotions)
    assert used(quote) == {"annas": 5000, "shops": 1000}
    assert [one.discounts[0].promotion for one in quote.lines] == ["annas", "shops"]


def test_more_overlapping_deals_than_are_searched_are_reported() -> None:
    offers = [offer("a", 10_000), offer("b", 5000)]
    deals = [
        promotion(f"d{n}", percent(100 * (n + 1)), conditions=[on("a", "b")], group="best_deal")
        for n in range(BEST_DEAL_EXACT_MAX + 1)
    ]
    quote = quoted([line("a"), line("b")], offers, deals)
    assert quote.approximated
    assert used(quote) == {f"d{BEST_DEAL_EXACT_MAX}": 150 * (BEST_DEAL_EXACT_MAX + 1)}
    assert not quoted([line("a"), line("b")], offers, deals[1:]).approximated


def test_many_deals_on_different_lines_are_searched_exactly() -> None:
    skus = [f"s{n}" for n in range(30)]
    deals = [promotion(sku, percent(1000), conditions=[on(sku)], group="best_deal") for sku in skus]
    quote = quoted([line(sku) for sku in skus], [offer(sku, 1000) for sku in skus], deals)
    assert (quote.approximated, quote.discounts.amount) == (False, 3000)


def test_more_outcomes_than_are_compared_are_reported() -> None:
    """Each pair of lines has two deals that are as good; which is better in the end depends on the promotions that follow."""
    skus = [f"s{n}" for n in range(8)]
    deals = []
    for left, right in zip(skus[::2], skus[1::2], strict=True):
        bundle = {"type": "bundle_price", "parts": [{"sku": left}, {"sku": right}], "amounts": {"BRL": 1500}}
        deals.append(promotion(f"a-{left}", bundle, conditions=[on(left, right)], group="best_deal"))
        deals.append(promotion(f"b-{left}", percent(4000), conditions=[on(left)], group="best_deal"))
    few = [promotion("half", percent(5000), conditions=[on(*skus[1::2])])]
    many = [promotion(f"m{n}", percent(1), conditions=[on(*skus)], priority=n) for n in range(100)]
    cart, offers = [line(sku) for sku in skus], [offer(sku, 1000) for sku in skus]
    assert not quoted(cart, offers, [*deals, *few]).approximated
    assert quoted(cart, offers, [*deals, *many]).approximated


def test_a_deal_is_left_out_if_it_costs_the_buyer_a_better_promotion() -> None:
    """10 off would bring the order below the subtotal from which 50 are off."""
    enough = {"type": "subtotal", "at_least": {"BRL": 1000}, "when": "after_discounts"}
    later = promotion("later", amount_off(50), conditions=[enough])
    deal = promotion("deal", amount_off(10), group="best_deal")
    assert used(quoted([line("a")], [offer("a", 1000)], [deal, later])) == {"later": 50}
    assert used(quoted([line("a")], [offer("a", 1010)], [deal, later])) == {"deal": 10, "later": 50}
