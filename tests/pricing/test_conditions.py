"""Each condition of a promotion: met, and not met."""

from typing import Any

import pytest

from renga.domains.pricing.contract import BuyerHistory, Destination, PaymentChoice, PricingPolicy
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts
from renga.kernel.clock import from_rfc3339
from tests.pricing.shop import NOW, amount_off, line, offer, on, percent, promotion, quoted, used

OFFERS = [
    offer("mug", 1000, brand="Forno", categories=("mugs", "kitchen"), collections=("gifts",), product_id="p1",
          attributes={"colour": "red", "size": 2, "sizes": ("s", "m"), "fragile": True}),
    offer("pan", 5000, brand="Ferro", categories=("pans", "kitchen"), product_id="p2", attributes={"size": 1}),
]  # fmt: skip
CART = [line("mug", 2), line("pan")]

ON_LINES: list[tuple[dict[str, Any], set[str]]] = [
    ({"type": "products", "products": ["p1"]}, {"l-mug"}),
    ({"type": "products", "products": ["p1"], "exclude": True}, {"l-pan"}),
    ({"type": "variants", "skus": ["pan", "gone"]}, {"l-pan"}),
    ({"type": "collections", "collections": ["gifts"]}, {"l-mug"}),
    ({"type": "categories", "categories": ["kitchen"]}, {"l-mug", "l-pan"}),
    ({"type": "categories", "categories": ["mugs"], "exclude": True}, {"l-pan"}),
    ({"type": "brands", "brands": ["Ferro"]}, {"l-pan"}),
    ({"type": "attributes", "code": "colour", "values": ["red", "blue"]}, {"l-mug"}),
    ({"type": "attributes", "code": "size", "values": [2.0]}, {"l-mug"}),
    ({"type": "attributes", "code": "sizes", "values": ["m"]}, {"l-mug"}),
    ({"type": "attributes", "code": "fragile", "values": [True]}, {"l-mug"}),
    ({"type": "attributes", "code": "size", "values": [True]}, set()),
    ({"type": "attributes", "code": "colour", "values": ["red"], "exclude": True}, {"l-pan"}),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "lines"), ON_LINES)
def test_a_condition_selects_lines(condition: dict[str, Any], lines: set[str]) -> None:
    quote = quoted(CART, OFFERS, [promotion("p", percent(1000), conditions=[condition])])
    assert {one.line for one in quote.lines if one.discounts} == lines


TRADE = BuyerTerms(currency="BRL", country="BR", channel="app", verified=VerifiedFacts(groups=("trade",)))
ON_THE_ORDER: list[tuple[dict[str, Any], bool]] = [
    ({"type": "quantity", "at_least": 3}, True),
    ({"type": "quantity", "at_least": 4}, False),
    ({"type": "quantity", "at_least": 1, "at_most": 2}, False),
    ({"type": "subtotal", "at_least": {"BRL": 7000}}, True),
    ({"type": "subtotal", "at_least": {"BRL": 7001}}, False),
    ({"type": "subtotal", "at_least": {"BRL": 1}, "at_most": {"BRL": 6999}}, False),
    ({"type": "subtotal", "at_least": {"USD": 1}}, False),
    ({"type": "customer_groups", "groups": ["staff", "trade"]}, True),
    ({"type": "customer_groups", "groups": ["staff"]}, False),
    ({"type": "first_order"}, True),
    ({"type": "channels", "channels": ["app"]}, True),
    ({"type": "channels", "channels": ["web"]}, False),
    ({"type": "countries", "countries": ["PT"]}, True),
    ({"type": "countries", "countries": ["BR"]}, False),
    ({"type": "currencies", "currencies": ["BRL"]}, True),
    ({"type": "currencies", "currencies": ["USD"]}, False),
    ({"type": "payment_methods", "methods": ["pix"]}, True),
    ({"type": "payment_methods", "methods": ["card"]}, False),
    ({"type": "dates", "starts_at": "2026-11-27T12:00:00-03:00"}, True),
    ({"type": "dates", "ends_at": "2026-11-27T12:00:00-03:00"}, False),
    ({"type": "dates", "starts_at": "2026-11-27T12:00:00.001-03:00"}, False),
    ({"type": "weekdays", "days": ["friday"]}, True),
    ({"type": "weekdays", "days": ["saturday"]}, False),
    ({"type": "hours", "starts": "12:00", "ends": "12:01"}, True),
    ({"type": "hours", "starts": "12:01", "ends": "12:00"}, False),
    ({"type": "hours", "starts": "22:00", "ends": "13:00"}, True),
]


@pytest.mark.parametrize(("condition", "met"), ON_THE_ORDER)
def test_a_condition_on_the_order_is_met_or_not(condition: dict[str, Any], met: bool) -> None:
    quote = quoted(
        CART, OFFERS, [promotion("p", amount_off(100), conditions=[condition])], terms=TRADE,
        destination=Destination(country="PT"), payment=PaymentChoice(method="pix"), history=BuyerHistory(orders=0),
    )  # fmt: skip
    assert used(quote) == ({"p": 100} if met else {})


@pytest.mark.parametrize("orders", [None, 1])
def test_an_unknown_buyer_or_a_returning_one_has_no_first_order(orders: int | None) -> None:
    first = promotion("p", amount_off(100), conditions=[{"type": "first_order"}])
    assert used(quoted(CART, OFFERS, [first], history=BuyerHistory(orders=orders))) == {}


def test_a_pix_discount_waits_until_pix_is_chosen() -> None:
    pix = promotion("pix", percent(500), conditions=[{"type": "payment_methods", "methods": ["pix"]}])
    assert used(quoted(CART, OFFERS, [pix])) == {}
    assert used(quoted(CART, OFFERS, [pix], payment=PaymentChoice(method="pix"))) == {"pix": 350}


def test_weekdays_and_hours_are_those_of_the_shops_time_zone() -> None:
    late = from_rfc3339("2026-11-28T01:30:00Z")  # 22:30 of Friday in São Paulo, 02:30 of Saturday in Berlin
    night = promotion(
        "p", amount_off(100),
        conditions=[{"type": "weekdays", "days": ["friday"]}, {"type": "hours", "starts": "22:00", "ends": "23:00"}],
    )  # fmt: skip
    assert used(quoted(CART, OFFERS, [night], now_ms=late)) == {"p": 100}
    assert used(quoted(CART, OFFERS, [night], now_ms=late, policy=PricingPolicy(time_zone="Europe/Berlin"))) == {}


def test_a_subtotal_is_looked_at_before_or_after_earlier_discounts() -> None:
    first = promotion("first", amount_off(1000), priority=1)
    before = {"type": "subtotal", "at_least": {"BRL": 7000}}
    after = {**before, "when": "after_discounts"}
    assert used(quoted(CART, OFFERS, [first, promotion("p", amount_off(1), conditions=[before])])) == {
        "first": 1000,
        "p": 1,
    }
    assert used(quoted(CART, OFFERS, [first, promotion("p", amount_off(1), conditions=[after])])) == {"first": 1000}
    earlier = promotion("p", amount_off(1), conditions=[after], priority=0)
    assert used(quoted(CART, OFFERS, [first, earlier])) == {"first": 1000, "p": 1}


def test_the_subtotal_of_selected_lines_leaves_the_others_out() -> None:
    selected = {"type": "subtotal", "at_least": {"BRL": 2001}, "of": "selected"}
    assert used(quoted(CART, OFFERS, [promotion("p", amount_off(1), conditions=[on("mug"), selected])])) == {}
    whole = {**selected, "of": "order"}
    assert used(quoted(CART, OFFERS, [promotion("p", amount_off(1), conditions=[on("mug"), whole])])) == {"p": 1}


def test_a_promotion_has_a_beginning_and_an_end() -> None:
    soon = promotion("soon", amount_off(1), starts_at="2026-11-27T15:00:00.001Z")
    over = promotion("over", amount_off(1), ends_at="2026-11-27T15:00:00Z")
    live = promotion("live", amount_off(1), starts_at="2026-11-27T15:00:00Z", ends_at="2026-11-27T15:00:00.001Z")
    off = promotion("off", amount_off(1), active=False)
    assert used(quoted(CART, OFFERS, [soon, over, live, off], now_ms=NOW)) == {"live": 1}


def test_an_exhausted_promotion_is_not_applied() -> None:
    history = BuyerHistory(exhausted=frozenset({"p"}))
    promotions = [promotion("p", amount_off(1)), promotion("q", amount_off(2))]
    assert used(quoted(CART, OFFERS, promotions, history=history)) == {"q": 2}


def test_a_destination_without_a_country_is_that_of_the_terms() -> None:
    countries = promotion("p", amount_off(100), conditions=[{"type": "countries", "countries": ["BR"]}])
    assert used(quoted(CART, OFFERS, [countries], destination=Destination(postal_code="01310-100"))) == {"p": 100}


@pytest.mark.parametrize(
    ("moment", "met"),
    [
        ("2026-11-27T03:30:00Z", False),  # 00:30 of Friday: a night that began on Thursday
        ("2026-11-28T01:30:00Z", True),  # 22:30 of Friday
        ("2026-11-28T04:59:00Z", True),  # 01:59 of Saturday, still the same night
        ("2026-11-28T05:00:00Z", False),
        ("2026-11-29T01:30:00Z", False),  # 22:30 of Saturday
    ],
)
def test_hours_past_midnight_belong_to_the_weekday_on_which_they_begin(moment: str, met: bool) -> None:
    night = [{"type": "weekdays", "days": ["friday"]}, {"type": "hours", "starts": "22:00", "ends": "02:00"}]
    found = used(quoted(CART, OFFERS, [promotion("p", amount_off(1), conditions=night)], now_ms=from_rfc3339(moment)))
    assert (found == {"p": 1}) is met
