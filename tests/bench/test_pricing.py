"""The pricing bench: it measures quotes that use promotions, of every kind that it makes."""

import random

from bench.pricing import QuoteCost, measure, quote, report
from bench.pricing_shop import bench_promotions, cart_of, catalogue
from renga.domains.pricing.model.promotion_index import PromotionIndex
from tests.pricing.shop import check_sums


def test_it_measures_quotes_with_promotions() -> None:
    cost = measure(10, 5, promotions=100)
    assert cost.lines == 10
    assert cost.applied > 0
    assert 0 < cost.p50_ms <= cost.p95_ms


def test_its_quotes_add_up() -> None:
    dice = random.Random(5)
    offers = catalogue(200, dice)
    index = PromotionIndex(bench_promotions(200, 200, dice))
    result = quote(cart_of(50, offers, dice), index)
    check_sums(result)
    assert {one.group for one in result.promotions} == {"combinable", "best_deal"}


def test_the_report_names_the_goal() -> None:
    text = report([QuoteCost(lines=50, p50_ms=1.0, p95_ms=2.0, applied=20.0, approximated=0.0)])
    assert text.splitlines()[1].split() == ["50", "1.00", "2.00", "<", "3", "20.0", "0%"]
