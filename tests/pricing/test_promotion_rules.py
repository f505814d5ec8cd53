"""Which promotions are valid; which get in each other's way; the index finds what a full search finds."""

import random
from typing import Any

import msgspec
import pytest

from bench.pricing_shop import bench_promotions, cart_of, catalogue
from renga.domains.pricing.contract import DEFAULT_POLICY, UNKNOWN_HISTORY, PromotionDraft, PromotionInvalid
from renga.domains.pricing.model import conflicts
from renga.domains.pricing.model.basket import PromotionBasket
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.conflicts import conflict_steps, promotion_conflicts
from renga.domains.pricing.model.items import items_of
from renga.domains.pricing.model.promotion_index import PromotionIndex
from renga.domains.pricing.model.promotion_rules import checked_promotion
from renga.domains.pricing.model.situation import Situation
from tests.pricing.shop import amount_off, on, percent, promotion

GOOD: dict[str, Any] = {"name": "Ten", "actions": [percent(1000)]}


def _draft(**members: Any) -> PromotionDraft:
    return msgspec.convert({**GOOD, **members}, PromotionDraft)


def test_a_valid_promotion_is_returned() -> None:
    draft = _draft(codes=["TEN"], starts_at="2026-11-27T00:00:00Z", ends_at="2026-11-28T00:00:00Z")
    assert checked_promotion(draft) is draft


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"codes": ["TEN", " ten"]}, "codes"),
        ({"codes": [" "]}, "codes"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2026-11-28T00:00:00Z", "ends_at": "2026-11-27T00:00:00Z"}, "ends_at"),
        ({"funded_by": "merchant"}, "funded_by"),
        ({"limits": {"uses": 1, "uses_per_customer": 2}}, "limits.uses_per_customer"),
        ({"limits": {"amount_max": {"XXX": 1}}}, "limits.amount_max"),
        ({"conditions": [{"type": "subtotal", "at_least": {"EURO": 1}}]}, "conditions[0].at_least"),
        ({"conditions": [{"type": "currencies", "currencies": ["brl"]}]}, "conditions[0].currencies"),
        ({"conditions": [{"type": "dates", "starts_at": "x"}]}, "conditions[0].starts_at"),
        ({"actions": [amount_off(1, "ABC")]}, "actions[0].amounts"),
        ({"actions": [amount_off(2**60)]}, "actions[0].amounts"),
        ({"actions": [{"type": "cheapest_free", "every": 2, "free": 2}]}, "actions[0].free"),
        ({"actions": [{"type": "reduced_shipping"}]}, "actions[0]"),
        ({"actions": [{"type": "reduced_shipping", "basis_points": 1, "fixed": {"BRL": 1}}]}, "actions[0]"),
        ({"actions": [{"type": "tiers", "tiers": [{"quantity": 1}]}]}, "actions[0].tiers[0]"),
        ({"actions": [{"type": "tiers", "tiers": [{"basis_points": 1}]}]}, "actions[0].tiers[0]"),
        (
            {"actions": [{"type": "tiers", "tiers": [{"quantity": 1, "basis_points": 1}] * 2}]},
            "actions[0].tiers",
        ),
        (
            {"actions": [{"type": "tiers", "tiers": [{"amounts": {"BRL": 5}, "basis_points": 1}] * 2}]},
            "actions[0].tiers",
        ),
        ({"name": " \t"}, "name"),
        ({"merchant": " "}, "merchant"),
        ({"conditions": [{"type": "quantity", "at_least": 5, "at_most": 4}]}, "conditions[0].at_most"),
        (
            {"conditions": [{"type": "subtotal", "at_least": {"BRL": 5}, "at_most": {"BRL": 4}}]},
            "conditions[0].at_most",
        ),
        ({"conditions": [{"type": "countries", "countries": ["BR", "pt"]}]}, "conditions[0].countries"),
        ({"conditions": [{"type": "channels", "channels": ["Web"]}]}, "conditions[0].channels"),
        ({"conditions": [{"type": "brands", "brands": ["Forno", ""]}]}, "conditions[0].brands"),
        ({"conditions": [{"type": "payment_methods", "methods": ["x" * 201]}]}, "conditions[0].methods"),
        ({"conditions": [{"type": "hours", "starts": "10:00\n", "ends": "11:00"}]}, "conditions[0].starts"),
        ({"conditions": [{"type": "hours", "starts": "10:00", "ends": "10:00"}]}, "conditions[0].ends"),
        (
            {"actions": [{"type": "bundle_price", "parts": [{"sku": "A"}, {"sku": ""}], "amounts": {"BRL": 1}}]},
            "actions[0].parts[1].sku",
        ),
        (
            {"actions": [{"type": "buy_x_get_y", "buy": 1, "of": [{"type": "categories", "categories": [""]}]}]},
            "actions[0].of[0].categories",
        ),
    ],
)
def test_a_wrong_promotion_names_the_member(members: dict[str, Any], field: str) -> None:
    with pytest.raises(PromotionInvalid) as caught:
        checked_promotion(_draft(**members))
    assert caught.value.problems[0][0] == field


@pytest.mark.parametrize(
    "members",
    [
        {"actions": []},
        {"actions": [{"type": "percent", "basis_points": 10_001}]},
        {"actions": [{"type": "percent", "basis_points": 0}]},
        {"actions": [{"type": "magic"}]},
        {"actions": [{"type": "percent", "basis_points": 1, "percent": 1}]},
        {"conditions": [{"type": "weekdays", "days": ["someday"]}]},
        {"conditions": [{"type": "hours", "starts": "24:00", "ends": "25:00"}]},
        {"group": "other"},
        {"unknown": 1},
        {"limits": {"uses": 2**63}},
        {"limits": {"uses_per_customer": 10**19}},
        {"limits": {"applications_max": 2**70}},
        {"conditions": [{"type": "quantity", "at_most": 10**40}]},
    ],
)
def test_what_no_type_has_is_not_read(members: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        _draft(**members)


def _conflicts(*promotions: Any) -> list[tuple[str, tuple[str, str]]]:
    return [(one.kind, one.promotions) for one in promotion_conflicts(promotions)]


def test_conflicts_are_reported() -> None:
    a, b = promotion("a", percent(1000)), promotion("b", percent(2000))
    assert _conflicts(a, b) == [("stacks", ("a", "b"))]
    exclusive = promotion("x", percent(1000), group="exclusive")
    assert _conflicts(a, exclusive) == [("never_together", ("a", "x"))]
    better = promotion("y", percent(2000), group="exclusive")
    assert _conflicts(exclusive, better) == [("never_together", ("x", "y")), ("shadowed", ("y", "x"))]
    assert _conflicts(promotion("c", percent(1), codes=["Q"]), promotion("d", amount_off(1), codes=["q "]))[0] == (
        "same_code", ("c", "d"),
    )  # fmt: skip


def test_conflicts_of_one_promotion_leave_out_those_of_others() -> None:
    a, b, c = (promotion(name, percent(1000)) for name in "abc")
    found = promotion_conflicts([a, b, c], of=b)
    assert [one.promotions for one in found] == [("b", "a"), ("b", "c")]
    assert promotion_conflicts([a, b], of=msgspec.structs.replace(c, merchant="m"))[0].kind == "stacks"


def test_promotions_that_never_meet_have_no_conflict() -> None:
    apart = [promotion("a", percent(1), conditions=[on("x")]), promotion("b", percent(1), conditions=[on("y")])]
    assert _conflicts(*apart) == []
    assert _conflicts(promotion("a", percent(1), merchant="m"), promotion("b", percent(1), merchant="n")) == []
    early = promotion("a", percent(1), ends_at="2026-11-27T00:00:00Z")
    assert _conflicts(early, promotion("b", percent(1), starts_at="2026-11-27T00:00:00Z")) == []
    assert _conflicts(promotion("a", percent(1), active=False), promotion("b", percent(1))) == []
    assert _conflicts(promotion("a", {"type": "free_shipping"}), promotion("b", percent(1))) == []


def test_the_index_leaves_out_nothing_that_applies() -> None:
    dice = random.Random(3)
    offers = catalogue(300, dice)
    promotions = bench_promotions(400, 300, dice)
    index = PromotionIndex(promotions)
    for _ in range(10):
        cart = cart_of(20, offers, dice)
        situation = Situation(cart.terms, cart.destination, cart.payment, UNKNOWN_HISTORY, DEFAULT_POLICY, cart.now_ms)
        items, _missing = items_of(cart.lines, cart.offers, "BRL", DEFAULT_POLICY, situation.local.date())
        basket = PromotionBasket(items, cart.shipping)
        found = {one.id for one in index.automatic(basket, situation)}
        every = [CompiledPromotion(one) for one in promotions if not one.codes]
        needed = {one.id for one in every if one.fits(situation) and one.selection(basket)}
        assert needed <= found
        assert len(found) < len(every)


def test_reports_of_thousands_of_promotions_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [promotion(f"{n:05}", percent(1 + n), conditions=[on(f"S-{n}")]) for n in range(4000)]
    many += [promotion(f"{n:05}x", percent(1 + n), conditions=[on(f"S-{n}", "Q")]) for n in range(30)]
    compiled = [CompiledPromotion(one) for one in many]
    pairs = 0

    def counted(first: CompiledPromotion, second: CompiledPromotion) -> bool:
        nonlocal pairs
        pairs += 1
        return True

    monkeypatch.setattr(conflicts, "_at_once", counted)
    steps, before = 0, 0
    found = []
    for step in conflict_steps(compiled):
        assert pairs - before <= conflicts.PAIRS_PER_STEP
        steps, before = steps + 1, pairs
        found += step
    assert (steps, len(found)) == (3, 30 + 30 * 29 // 2), "pairs on other skus are not compared"


def test_pairs_that_are_not_compared_have_no_conflict() -> None:
    dice = random.Random(8)
    kinds = (
        lambda: on(*dice.sample("xyz", dice.randint(1, 2))),
        lambda: {"type": "brands", "brands": dice.sample("xyz", 1)},
        lambda: {**on(*dice.sample("xyz", 1)), "exclude": True},
        lambda: {"type": "categories", "categories": ["c"]},
    )
    for _ in range(200):
        some = [
            promotion(
                name, percent(dice.randint(1, 9)), conditions=[dice.choice(kinds)() for _ in range(dice.randint(0, 3))],
                group=dice.choice(("combinable", "best_deal")), codes=dice.sample(["C", " c", "D"], 1),
            )
            for name in "abcdef"
        ]  # fmt: skip
        naive = [
            found
            for n, one in enumerate(some)
            for other in some[n + 1 :]
            for found in promotion_conflicts([one, other])
        ]
        assert list(promotion_conflicts(some)) == naive
