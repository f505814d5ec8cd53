"""Native rows: what is read, what is refused, and that a refusal names the field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.contract import RowInvalid, Variant
from renga.domains.catalog.model import Draft
from renga.domains.catalog.rows.drafts import draft_of
from tests.catalog.shop import row


def problems(**changed: Any) -> list[tuple[str, str]]:
    with pytest.raises(RowInvalid) as refusal:
        draft_of(row(**changed))
    return refusal.value.problems


def test_a_whole_row_is_read_as_it_stands() -> None:
    draft = draft_of(
        row(
            brand="  Oficina ",
            description={"pt-br": "Olá", "en": "  "},
            categories=["mesa", "Chá & Café"],
            image="/media/demo/mug.svg",
            attributes={"volume": 350, "handmade": True, "weight": 0.5, "clay": " red ", "none": None},
            variants=[
                {"sku": "MUG-1", "options": {"colour": {"pt-BR": "azul", "en": "blue"}, "size": "P"}, "gtin": 96385074},
                {"sku": 7, "prices": {"BRL": 0, "JPY": 10**12}, "image": "https://example.com/a.png"},
            ],
        )
    )
    assert draft == Draft(
        slug="mug",
        title={"pt-BR": "Título mug", "en": "Title mug"},
        description={"pt-BR": "Olá"},
        brand="Oficina",
        categories=("mesa", "cha-cafe"),
        taxonomy={"mesa": {"pt-BR": "Mesa"}, "cha-cafe": {"pt-BR": "Chá & Café"}},
        image="/media/demo/mug.svg",
        attributes={"volume": 350, "handmade": True, "weight": 0.5, "clay": "red"},
        variants=(
            Variant(
                sku="MUG-1",
                options={"colour": {"pt-BR": "azul", "en": "blue"}, "size": {"pt-BR": "P"}},
                gtin="96385074",
            ),
            Variant(sku="7", prices={"BRL": 0, "JPY": 10**12}, image="https://example.com/a.png"),
        ),
    )


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"slug": "given", "external_id": "X 1"}, "given"),
        ({"slug": None, "external_id": "X 1"}, "x-1"),
        ({"slug": None, "external_id": 42}, "42"),
        ({"slug": None, "title": "Chá Verde"}, "cha-verde"),
    ],
)
def test_the_slug_is_the_given_one_else_the_external_id_else_the_title(changed: dict[str, Any], slug: str) -> None:
    assert draft_of(row(**changed)).slug == slug


def test_a_plain_text_is_in_the_language_of_the_row() -> None:
    assert draft_of(row(title="Mug", language="en-gb")).title == {"en-GB": "Mug"}
    assert draft_of(row(title="Caneca")).title == {"pt-BR": "Caneca"}


def variant(**changed: Any) -> list[dict[str, Any]]:
    return [{"sku": "A"} | changed]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"title": None}, ("title", "is missing")),
        ({"title": 5}, ("title", "must be a text or texts per language, not a number")),
        ({"title": "x" * 501}, ("title", "has 501 characters; at most 500 are allowed")),
        ({"title": {"klingon!": "x"}}, ("title", "'klingon!' is not a language tag such as pt-BR")),
        ({"title": "a\x00b"}, ("title", "has a NUL character in it")),
        ({"title": "a\x1bb"}, ("title", "has a control character in it")),
        ({"title": "a\ud800"}, ("title", "has half a character (a lone surrogate) in it")),
        ({"slug": "Not A Slug"}, ("slug", "'Not A Slug' must be lower-case letters a-z, digits and single hyphens")),
        (
            {"slug": None, "title": "茶"},
            ("slug", "cannot be made of the title, which has no Latin letter or digit; give a slug"),
        ),
        ({"language": 5}, ("language", "'5' is not a language tag such as pt-BR")),
        ({"brand": ["x"]}, ("brand", "must be a text, not a list")),
        ({"categories": "mesa"}, ("categories", "must be a list of texts")),
        ({"categories": ["!"]}, ("categories", "'!' is not the name of a category")),
        ({"image": "javascript:alert(1)"}, ("image", "'javascript:alert(1)' is neither a path nor an http(s) address")),
        ({"image": "//evil.example/x"}, ("image", "'//evil.example/x' is neither a path nor an http(s) address")),
        ({"attributes": {"a": [1]}}, ("attributes.a", "must be a text, a number or true/false, not a list")),
        ({"attributes": {"a": 10**400}}, ("attributes.a", "is a number too large to keep exactly")),
        ({"attributes": {"a": float("nan")}}, ("attributes.a", "is a number too large to keep exactly")),
        ({"attributes": {"": 1}}, ("attributes", "'' is not a name of 1 to 120 characters")),
        ({"variants": []}, ("variants", "is missing: a product has at least one variant with a sku")),
        ({"variants": [5]}, ("variants[0]", "must be a variant, not a number")),
        ({"variants": [{}]}, ("variants[0].sku", "is missing")),
        ({"variants": [{"sku": "A"}, {"sku": "A"}]}, ("variants[1].sku", "'A' is there twice in this product")),
        ({"variants": [{"sku": str(i)} for i in range(201)]}, ("variants", "has 201 entries; at most 200 are allowed")),
        ({"variants": variant(sku="a\nb")}, ("variants[0].sku", "has a line break or a tab in it")),
        (
            {"variants": variant(colour="x")},
            (
                "variants[0]",
                "'colour' is not a field of a variant; those are sku, options, gtin, prices, image, compare_at, price_list, "
                "weight_g, availability, bundle, digital, measure, cost",
            ),
        ),
        (
            {"variants": variant(gtin="4006381333932")},
            ("variants[0].gtin", "'4006381333932' has the check digit 2, it must be 1"),
        ),
        ({"variants": variant(prices={"XXX": 1})}, ("variants[0].prices.XXX", "'XXX' is not an active currency of ISO 4217")),
        ({"variants": variant(prices={"BRL": 1.5})}, ("variants[0].prices.BRL", "must be whole minor units, not a fraction")),
        ({"variants": variant(prices={"BRL": True})}, ("variants[0].prices.BRL", "must be whole minor units, not true/false")),
        ({"variants": variant(prices={"BRL": -1})}, ("variants[0].prices.BRL", "must be from 0 to 1000000000000 minor units")),
        (
            {"variants": variant(prices={"BRL": 10**12 + 1})},
            ("variants[0].prices.BRL", "must be from 0 to 1000000000000 minor units"),
        ),
        (
            {"variants": variant(options={"Größe": "x"})},
            ("variants[0].options.Größe", "must be named by lower-case letters, digits and hyphens"),
        ),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_the_reason(changed: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(**changed) == [problem]


def test_all_problems_of_a_row_are_named() -> None:
    assert [field for field, _ in problems(title=None, brand=1, variants=[{"sku": "A", "gtin": "1"}])] == [
        "title",
        "brand",
        "variants[0].gtin",
    ]


def assert_named(refusal: RowInvalid) -> None:
    assert refusal.problems
    assert all(field and reason for field, reason in refusal.problems)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(row() | {"brand": 0, "categories": 0, "image": 0, "attributes": 0, "language": 0})), _json
)
def test_any_value_in_any_field_is_read_or_refused_but_never_crashes(field: str, value: Any) -> None:
    try:
        draft = draft_of(row() | {field: value})
    except RowInvalid as refusal:
        assert_named(refusal)
    else:
        assert draft.variants[0].sku
        assert draft.title
        assert draft.slug


@given(_json, st.sampled_from(["sku", "options", "gtin", "prices", "image"]))
def test_any_value_in_any_field_of_a_variant_is_read_or_refused(value: Any, field: str) -> None:
    try:
        draft = draft_of(row(variants=variant(**{field: value})))
    except RowInvalid as refusal:
        assert_named(refusal)
    else:
        assert draft.variants[0].sku


@pytest.mark.parametrize("sku", ["a\u200bb", "a\xa0b", "a\u202eb", "a\u2028b", "a\nb", "a\tb", "x" * 101])
def test_a_sku_that_a_cart_would_refuse_is_refused_wherever_a_row_has_one(sku: str) -> None:
    fields = [
        field for field, _ in problems(variants=[{"sku": sku}, {"sku": "SET", "bundle": [{"sku": sku, "quantity": 1}]}])
    ]
    assert "variants[0].sku" in fields
    assert "variants[1].bundle[0].sku" in fields


@pytest.mark.parametrize("sku", ["MUG-1", "Ação 10%", "茶-1", "x" * 100])
def test_a_sku_of_any_script_may_be_one(sku: str) -> None:
    assert draft_of(row(variants=[{"sku": sku}])).variants[0].sku == sku
