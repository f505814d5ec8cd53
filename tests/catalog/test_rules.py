"""Rules of collections: each field and op on one product, and what a rule may not say."""

from typing import Any

import msgspec
import pytest

from renga.domains.catalog.contract import Condition, Rule, Variant
from renga.domains.catalog.contract.rules import condition_problem, meets
from tests.catalog.samples import CUP

PARENTS = {"cups": "table", "table": "home", "home": None}
PRODUCT = msgspec.structs.replace(
    CUP,
    type="mug",
    categories=("cups",),
    created_at="2026-11-22T16:00:00.000Z",
    attributes={
        "volume": 350,
        "handmade": True,
        "one": 1,
        "uses": ["tea", "coffee"],
        "care": {"pt-BR": "À mão", "en": "By hand"},
        "since": "2026-01-15",
    },
    variants=(*CUP.variants, Variant(sku="X", prices={"BRL": 7000}, availability="preorder")),
)


def holds(field: str, op: Any, value: Any) -> bool:
    condition = Condition(field=field, op=op, value=value)
    assert condition_problem(condition) is None
    return meets(PRODUCT, Rule(conditions=(condition,)), PARENTS)


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("brand", "is", "Forno Baixo", True),
        ("brand", "is", "forno baixo", False),
        ("brand", "is_not", "Other", True),
        ("brand", "in", ["Other", "Forno Baixo"], True),
        ("brand", "in", [], False),
        ("brand", "contains", "FORNO", True),
        ("brand", "exists", False, False),
        ("category", "is", "cups", True),
        ("category", "is", "home", True),
        ("category", "is_not", "table", False),
        ("category", "is", "light", False),
        ("type", "is", "mug", True),
        ("merchant", "is", "house", True),
        ("title", "contains", "mug", True),
        ("title", "contains", "AURÓRA", True),
        ("title", "contains", "lamp", False),
        ("availability", "is", "preorder", True),
        ("availability", "is", "backorder", False),
        ("price.BRL", "at_most", 7000, True),
        ("price.BRL", "at_most", 6999, False),
        ("price.BRL", "at_least", 7001, False),
        ("price.EUR", "at_least", 0, False),
        ("price.EUR", "exists", False, True),
        ("attribute.volume", "at_least", 350, True),
        ("attribute.volume", "at_least", 350.5, False),
        ("attribute.volume", "at_most", "400", False),
        ("attribute.handmade", "is", True, True),
        ("attribute.handmade", "is", 1, False),
        ("attribute.one", "is", True, False),
        ("attribute.one", "is", 1.0, True),
        ("attribute.uses", "is", "tea", True),
        ("attribute.uses", "in", ["coffee"], True),
        ("attribute.care", "contains", "by HAND", True),
        ("attribute.since", "at_least", "2026-01-01", True),
        ("attribute.none", "exists", True, False),
        ("attribute.none", "is_not", "x", True),
        ("created_at", "at_least", "2026-11-01", True),
        ("created_at", "at_most", "2026-11-22", False),
    ],
)
def test_a_condition_holds_or_not(field: str, op: str, value: Any, expected: bool) -> None:
    assert holds(field, op, value) is expected


def test_all_or_any_of_the_conditions_and_no_condition_gathers_nothing() -> None:
    yes, no = Condition(field="type", op="is", value="mug"), Condition(field="type", op="is", value="lamp")
    assert not meets(PRODUCT, Rule(match="all", conditions=(yes, no)), PARENTS)
    assert meets(PRODUCT, Rule(match="any", conditions=(no, yes)), PARENTS)
    assert not meets(PRODUCT, Rule(match="all"), PARENTS)
    assert not meets(PRODUCT, Rule(match="any"), PARENTS)


def test_a_circle_of_categories_ends() -> None:
    rule = Rule(conditions=(Condition(field="category", op="is", value="x"),))
    assert not meets(PRODUCT, rule, {"cups": "table", "table": "cups"})


@pytest.mark.parametrize(
    ("field", "op", "value", "problem"),
    [
        (
            "colour",
            "is",
            "x",
            "'colour' must be one of brand, category, type, merchant, title, availability, created_at, price.… or "
            "attribute.…",
        ),
        ("price.XXX", "at_most", 1, "'price.XXX' must name a currency of ISO 4217, such as price.BRL"),
        ("attribute.", "is", "x", "must name an attribute, such as attribute.colour"),
        ("brand", "in", "x", "a list of values is for the op 'in', and only for it"),
        ("brand", "is", ["x"], "a list of values is for the op 'in', and only for it"),
        ("brand", "exists", "yes", "the op 'exists' takes true or false"),
        ("brand", "contains", 5, "the op 'contains' takes a text"),
        ("brand", "at_least", "x", "the op 'at_least' compares numbers or days of price.…, attribute.… or created_at"),
        ("price.BRL", "at_most", True, "the op 'at_most' compares numbers or days of price.…, attribute.… or created_at"),
    ],
)  # fmt: skip
def test_a_condition_that_makes_no_sense_is_refused(field: str, op: Any, value: Any, problem: str) -> None:
    assert condition_problem(Condition(field=field, op=op, value=value)) == problem
