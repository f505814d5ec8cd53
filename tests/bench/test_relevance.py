"""The arithmetic of measured relevance, and that the judged queries are what they claim to be."""

import math
from collections import Counter

import msgspec
import pytest

from bench import catalogue_generator, judgements, ndcg
from bench.judgements import Judged, Row, Rule

GRADES = {"a": 3, "b": 2, "c": 1}


def test_the_best_order_counts_one() -> None:
    assert ndcg.ndcg(["a", "b", "c"], GRADES) == 1.0
    assert ndcg.ndcg(["a", "b", "c", "x"], GRADES) == 1.0


def test_another_order_counts_its_discounted_gains_against_the_best() -> None:
    best = 7 + 3 / math.log2(3) + 1 / 2
    assert ndcg.ndcg(["x", "a"], GRADES) == pytest.approx(7 / math.log2(3) / best)
    assert ndcg.ndcg(["c", "b", "a"], GRADES) == pytest.approx((1 + 3 / math.log2(3) + 7 / 2) / best)
    assert ndcg.ndcg([], GRADES) == 0.0


def test_only_the_first_ten_count_and_a_repeated_answer_once() -> None:
    assert ndcg.ndcg([*"0123456789", "a"], GRADES) == 0.0
    assert ndcg.ndcg(["a", "a", "b", "c"], GRADES) == 1.0


def test_where_nothing_is_right_only_nothing_is_right() -> None:
    assert ndcg.ndcg([], {}) == 1.0
    assert ndcg.ndcg(["a"], {}) == 0.0


def test_rules_grade_by_the_best_that_a_product_meets() -> None:
    rules = (
        Rule(grade=1, words="cable"),
        Rule(grade=3, words="red cable", any=("cat6", "cat.6"), attributes={"length": "3"}),
        Rule(grade=2, brand="acme", words="cable"),
    )
    rows = [
        Row(id="1", sku="A", title="Cat.6 Cables, Réd", brand="Other", attributes={"length": 3.0}),
        Row(id="2", sku="B", title="cable", brand="ACME"),
        Row(id="3", sku="C", title="Cat6a red cable", brand="Other", attributes={"length": 3.0}),
        Row(id="4", sku="D", title="lamp", brand="ACME"),
    ]
    (graded,) = judgements.grade([Judged(text="x", language="en", kind="property", rules=rules)], rows)
    assert graded.grades == {"1": 3, "2": 2, "3": 1}


def test_a_rule_for_a_number_meets_the_product_that_has_it() -> None:
    rows = [
        Row(id="1", sku="A-1", title="t", brand="b", gtins=("123", "456")),
        Row(id="2", sku="A-2", title="t", brand="b"),
    ]
    asked = [
        Judged(text="x", language="en", kind="identifier", rules=(Rule(grade=3, gtin="456"),)),
        Judged(text="x", language="en", kind="identifier", rules=(Rule(grade=3, sku="a-2"),)),
    ]
    assert [query.grades for query in judgements.grade(asked, rows)] == [{"1": 3}, {"2": 3}]


@pytest.mark.parametrize(
    ("name", "queries_min"), [("demo", 300), ("icecat", 60), ("demo_unseen", 60), ("icecat_unseen", 40)]
)
def test_judged_sets_are_large_and_every_query_has_an_answer_or_says_nothing(name: str, queries_min: int) -> None:
    judged = judgements.load(name)
    assert len(judged) >= queries_min
    assert len({(query.text, query.language) for query in judged}) == len(judged)
    for query in judged:
        best = max([*query.grades.values(), *(rule.grade for rule in query.rules)], default=0)
        assert best == (0 if query.kind == "nothing" else judgements.GRADE_MAX), query.text
    assert {"pt-BR", "en"} == {query.language for query in judged}
    kinds = Counter(query.kind for query in judged)
    assert {"typo", "stem", "prefix", "brand", "identifier", "nothing"} <= set(kinds)
    assert min(kinds["typo"], kinds["nothing"]) >= 2


@pytest.mark.parametrize("name", ["demo", "icecat"])
def test_a_query_is_seen_or_unseen(name: str) -> None:
    seen, unseen = (
        {(query.text.lower(), query.language) for query in judgements.load(each)} for each in (name, f"{name}_unseen")
    )
    assert not seen & unseen


@pytest.mark.parametrize("name", ["demo", "demo_unseen"])
def test_the_demo_sets_name_products_of_the_demo_shop(name: str) -> None:
    slugs = {msgspec.json.decode(line)["slug"] for line in judgements.DEMO_PRODUCTS.read_bytes().splitlines()}
    assert {slug for query in judgements.load(name) for slug in query.grades} <= slugs
    assert len(slugs) == 60


def test_generated_products_are_the_same_for_the_same_seed_and_unequal_like_words() -> None:
    made = list(catalogue_generator.products(2_000, seed=7))
    assert made[1_500] == catalogue_generator.product(1_500, seed=7)
    assert made[1_500] != catalogue_generator.product(1_500, seed=8)
    assert len({one.slug for one in made}) == len({one.gtin for one in made}) == 2_000
    counts = Counter(word for one in made for word in one.description.lower().rstrip(".").split())
    (_, first), (_, second) = counts.most_common(2)
    assert 1.6 < first / second < 2.4
    assert catalogue_generator.queries(50, seed=7) == catalogue_generator.queries(50, seed=7)


def test_generated_gtins_have_their_check_digit() -> None:
    digits = [int(digit) for digit in catalogue_generator.product(123_456).gtin]
    assert len(digits) == 13
    assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0
