"""Native rows with all that a product may have: how it is read, and what is refused with its field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.contract import (
    BundlePart,
    ListPrice,
    Measure,
    Media,
    Product,
    Publication,
    RowInvalid,
    ScheduledPrice,
    Seo,
    Variant,
)
from renga.domains.catalog.model import Draft, decide
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.native import merged, row_of
from tests.catalog.shop import row

WHOLE: dict[str, Any] = {
    "slug": "set",
    "title": {"en": "Set"},
    "merchant": "m-1",
    "status": "draft",
    "media": [
        {"url": "/a.webp", "alt": {"en": "A set"}, "width": 800, "height": 600},
        {"url": "https://example.com/a.mp4", "kind": "video"},
    ],
    "seo": {"title": {"en": "Buy a set"}, "description": "Um conjunto"},
    "tax_category": "reduced",
    "tax_code": "0901.21.00",
    "shipping_class": "fragile_large",
    "publications": [
        {"channel": "web", "from_at": "2026-11-25T10:00:00-03:00"},
        {"channel": "*", "until_at": "2027-01-01"},
    ],
    "scheduled": [
        {"sku": "B", "currency": "USD", "amount": None, "at": "2026-12-02T00:00:00Z"},
        {"sku": "A", "currency": "BRL", "amount": 100, "at": "2026-12-01T00:00:00Z"},
    ],
    "variants": [
        {
            "sku": "A",
            "prices": {"BRL": 200},
            "compare_at": {"BRL": 300},
            "price_list": [
                {
                    "currency": "BRL",
                    "amount": 150,
                    "compare_at": 200,
                    "channel": "app",
                    "group": "trade",
                    "min_quantity": 10,
                    "from_at": "2026-11-25T00:00:00Z",
                    "until_at": "2026-11-26T00:00:00Z",
                }
            ],
            "weight_g": 1200,
            "availability": "preorder",
            "bundle": [{"sku": "B", "quantity": 2}, {"sku": 7}],
        },
        {"sku": "B", "digital": True, "measure": {"amount": 0.5, "unit": "l"}, "cost": {"BRL": 90, "USD": 20}},
    ],
}


def problems(**changed: Any) -> list[tuple[str, str]]:
    with pytest.raises(RowInvalid) as refusal:
        draft_of(row(**changed))
    return refusal.value.problems


def test_all_that_a_product_may_have_is_read() -> None:
    assert draft_of(WHOLE) == Draft(
        slug="set",
        title={"en": "Set"},
        image="/a.webp",
        merchant="m-1",
        status="draft",
        media=(
            Media(url="/a.webp", alt={"en": "A set"}, width=800, height=600),
            Media(url="https://example.com/a.mp4", kind="video"),
        ),
        seo=Seo(title={"en": "Buy a set"}, description={"pt-BR": "Um conjunto"}),
        tax_category="reduced",
        tax_code="0901.21.00",
        shipping_class="fragile_large",
        publications=(
            Publication(channel="web", from_at="2026-11-25T13:00:00.000Z"),
            Publication(channel="*", until_at="2027-01-01T00:00:00.000Z"),
        ),
        scheduled=(
            ScheduledPrice(sku="A", currency="BRL", amount=100, at="2026-12-01T00:00:00.000Z"),
            ScheduledPrice(sku="B", currency="USD", amount=None, at="2026-12-02T00:00:00.000Z"),
        ),
        variants=(
            Variant(
                sku="A",
                prices={"BRL": 200},
                compare_at={"BRL": 300},
                price_list=(
                    ListPrice(
                        currency="BRL",
                        amount=150,
                        compare_at=200,
                        channel="app",
                        group="trade",
                        min_quantity=10,
                        from_at="2026-11-25T00:00:00.000Z",
                        until_at="2026-11-26T00:00:00.000Z",
                    ),
                ),
                weight_g=1200,
                availability="preorder",
                bundle=(BundlePart(sku="B", quantity=2), BundlePart(sku="7")),
            ),
            Variant(sku="B", digital=True, measure=Measure(amount=0.5, unit="l"), cost={"BRL": 90, "USD": 20}),
        ),
    )


def test_what_a_row_does_not_say_of_merchant_status_and_schedule_is_left_open() -> None:
    draft = draft_of(row())
    assert (draft.merchant, draft.status, draft.scheduled) == (None, None, None)
    assert draft_of(row(scheduled=[])).scheduled == ()


def made(given: dict[str, Any]) -> Product:
    change = decide(None, draft_of(given), at="2026-11-25T12:00:00.000Z", new_id=lambda: "id")
    assert change is not None
    return change.product


def test_the_row_of_a_product_makes_the_same_product() -> None:
    for whole in (WHOLE, row()):
        product = made(whole)
        assert decide(product, draft_of(row_of(product)), at="2026-11-25T12:00:00.000Z", new_id=lambda: "x") is None
        assert made(row_of(product)) == product


def test_a_patch_changes_what_it_names_and_takes_away_what_is_null() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None, "e": {"f": None}}, "d": [2]}) == {
        "a": {"c": 2, "e": {}},
        "d": [2],
    }


def variant(**changed: Any) -> list[dict[str, Any]]:
    return [{"sku": "A"} | changed]


def measured(amount: Any, unit: str = "g") -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


def listed(**changed: Any) -> list[dict[str, Any]]:
    return variant(price_list=[{"currency": "BRL", "amount": 1} | changed])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"status": "gone"}, ("status", "'gone' must be one of draft, active, archived")),
        ({"merchant": 5}, ("merchant", "must be a text, not a number")),
        ({"tax_category": "A B"}, ("tax_category", "'A B' must be lower-case letters a-z, digits and single hyphens")),
        ({"tax_code": 9012100}, ("tax_code", "must be a text, not a number")),
        (
            {"tax_code": "0901-21"},
            ("tax_code", "'0901-21' must be letters a-z, digits and dots, such as 09012100 or 0901.21.00"),
        ),
        ({"tax_code": "1" * 21}, ("tax_code", "has 21 characters; at most 20 are allowed")),
        ({"variants": variant(measure=250)}, ("variants[0].measure", "must be an object, not a number")),
        ({"variants": variant(measure={"unit": "g"})}, ("variants[0].measure.amount", "is missing")),
        ({"variants": variant(measure=measured("250"))}, ("variants[0].measure.amount", "must be a number, not a text")),
        ({"variants": variant(measure=measured(0))}, ("variants[0].measure.amount", "must be above 0 and at most 1000000")),
        ({"variants": variant(measure=measured(-0.5))}, ("variants[0].measure.amount", "must be above 0 and at most 1000000")),
        *[
            ({"variants": variant(measure=measured(no))}, ("variants[0].measure.amount", "must be above 0 and at most 1000000"))
            for no in (10**400, float("inf"), float("nan"), -(10**400), 1_000_000.5)
        ],
        ({"variants": variant(measure=measured(0.0625))}, ("variants[0].measure.amount", "has more than 3 decimals")),
        (
            {"variants": variant(measure=measured(1, "oz"))},
            ("variants[0].measure.unit", "'oz' must be one of g, kg, ml, l, m, m2, piece"),
        ),
        (
            {"variants": variant(measure={"amount": 1})},
            ("variants[0].measure.unit", "is missing: one of g, kg, ml, l, m, m2, piece"),
        ),
        (
            {"variants": variant(cost={"BRL": 19.9})},
            ("variants[0].cost.BRL", "must be whole minor units, not a fraction"),
        ),
        ({"variants": variant(cost={"XXX": 1})}, ("variants[0].cost.XXX", "'XXX' is not an active currency of ISO 4217")),
        ({"media": {}}, ("media", "must be a list, not an object")),
        ({"media": [5]}, ("media[0]", "must be an object, not a number")),
        ({"media": [{}]}, ("media[0].url", "is missing")),
        (
            {"media": [{"url": "javascript:x"}]},
            ("media[0].url", "'javascript:x' is neither a path nor an http(s) address"),
        ),
        ({"media": [{"url": "/a", "kind": "sound"}]}, ("media[0].kind", "'sound' must be one of image, video, document")),
        ({"media": [{"url": "/a", "width": 0}]}, ("media[0].width", "must be from 1 to 100000 pixels")),
        (
            {"media": [{"url": "/a", "size": 1}]},
            ("media[0]", "'size' is not a field of it; those are url, kind, alt, width, height"),
        ),
        ({"media": [{"url": "/a"}] * 51}, ("media", "has 51 entries; at most 50 are allowed")),
        ({"seo": "x"}, ("seo", "must be an object, not a text")),
        ({"seo": {"title": 5}}, ("seo.title", "must be a text or texts per language, not a number")),
        ({"publications": [{}]}, ("publications[0].channel", "is missing")),
        (
            {"publications": [{"channel": "web", "from_at": "soon"}]},
            ("publications[0].from_at", "'soon' is not a moment such as 2026-11-25T00:00:00Z"),
        ),
        (
            {"publications": [{"channel": "web", "from_at": "2026-11-25", "until_at": "2026-11-25"}]},
            ("publications[0].until_at", "2026-11-25T00:00:00.000Z is not after 2026-11-25T00:00:00.000Z"),
        ),
        (
            {"scheduled": [{"sku": "NONE", "currency": "BRL", "amount": 1, "at": "2027-01-01"}]},
            ("scheduled[0].sku", "'NONE' is no variant of this product"),
        ),
        (
            {"scheduled": [{"sku": "MUG", "currency": "BRL", "at": "2027-01-01"}]},
            ("scheduled[0].amount", "is missing (null: no longer sold in this currency)"),
        ),
        ({"scheduled": [{"sku": "MUG", "currency": "BRL", "amount": 1}]}, ("scheduled[0].at", "is missing")),
        (
            {"scheduled": [{"sku": "MUG", "currency": "BRL", "amount": n, "at": "2027-01-01"} for n in (1, 2)]},
            ("scheduled[1]", "'MUG' has two prices in BRL at 2027-01-01T00:00:00.000Z"),
        ),
        (
            {"variants": variant(compare_at={"XXX": 1})},
            ("variants[0].compare_at.XXX", "'XXX' is not an active currency of ISO 4217"),
        ),
        ({"variants": variant(weight_g=1.5)}, ("variants[0].weight_g", "must be a whole number of grams, not a fraction")),
        ({"variants": variant(weight_g=-1)}, ("variants[0].weight_g", "must be from 0 to 1000000000 grams")),
        (
            {"variants": variant(availability="maybe")},
            ("variants[0].availability", "'maybe' must be one of in_stock, out_of_stock, preorder, backorder"),
        ),
        ({"variants": variant(digital=1)}, ("variants[0].digital", "must be true or false, not a number")),
        ({"variants": variant(bundle=[{}])}, ("variants[0].bundle[0].sku", "is missing")),
        ({"variants": variant(bundle=[{"sku": "A"}])}, ("variants[0].bundle[0].sku", "a bundle cannot be a part of itself")),
        (
            {"variants": variant(bundle=[{"sku": "B", "quantity": 0}])},
            ("variants[0].bundle[0].quantity", "must be from 1 to 1000000 pieces"),
        ),
        (
            {"variants": listed(currency="XXX")},
            ("variants[0].price_list[0].currency", "'XXX' is not an active currency of ISO 4217"),
        ),
        ({"variants": listed(amount=None)}, ("variants[0].price_list[0].amount", "is missing")),
        (
            {"variants": listed(amount=True)},
            ("variants[0].price_list[0].amount", "must be a whole number of minor units, not true/false"),
        ),
        ({"variants": listed(min_quantity=0)}, ("variants[0].price_list[0].min_quantity", "must be from 1 to 1000000 pieces")),
        (
            {"variants": listed(from_at="2026-11-26", until_at="2026-11-25")},
            ("variants[0].price_list[0].until_at", "2026-11-25T00:00:00.000Z is not after 2026-11-26T00:00:00.000Z"),
        ),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_the_reason(changed: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(**changed) == [problem]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_fields = ["merchant", "type", "status", "media", "seo", "tax_category", "shipping_class", "publications", "scheduled",
           "tax_code"]  # fmt: skip
_variant_fields = ["compare_at", "price_list", "weight_g", "availability", "bundle", "digital", "measure", "cost"]


@given(st.sampled_from([*_fields, *_variant_fields]), _json, st.booleans())
def test_any_value_is_read_or_refused_but_never_crashes(field: str, value: Any, in_list: bool) -> None:
    given_value = [value] if in_list else value
    changed = {field: given_value} if field in _fields else {"variants": variant(**{field: given_value})}
    try:
        outcome = draft_of(row(**changed)).slug
    except RowInvalid as refusal:
        outcome = "mug" if all(name and reason for name, reason in refusal.problems) else "a problem without a name"
    assert outcome == "mug"
