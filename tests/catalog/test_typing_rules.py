"""Product types: what a typed attribute takes, what it is turned into, and what is refused with its field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.contract import AttributeType, EnumOption, ProductType, RowInvalid
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.units import converted
from tests.catalog.shop import row

COLOURS = (
    EnumOption(code="blue", title={"pt-BR": "Azul", "en": "Blue"}),
    EnumOption(code="clay", title={"pt-BR": "Barro", "en": "Clay"}),
)
MUG = ProductType(
    code="mug",
    title={"en": "Mug"},
    attributes=(
        AttributeType(code="volume", kind="number", unit="ml", required=True),
        AttributeType(code="weight", kind="number", unit="g"),
        AttributeType(code="power", kind="number", unit="W"),
        AttributeType(code="pieces", kind="number"),
        AttributeType(code="handmade", kind="boolean"),
        AttributeType(code="glaze", kind="enum", options=COLOURS),
        AttributeType(code="uses", kind="enum", options=COLOURS, multiple=True),
        AttributeType(code="since", kind="date"),
        AttributeType(code="saucer", kind="reference"),
        AttributeType(code="care", localised=True),
        AttributeType(code="mark"),
        AttributeType(code="colour", kind="enum", options=COLOURS, axis=True, required=True),
        AttributeType(code="size", axis=True),
    ),
)
TYPES = {"mug": MUG}


def typed(attributes: Any = None, options: Any = None, **changed: Any) -> dict[str, Any]:
    given = {"volume": 350} | attributes if isinstance(attributes, dict) else attributes or {"volume": 350}
    variants = [{"sku": "MUG", "options": {"colour": "blue"} if options is None else options}]
    return row(type="mug", attributes=given, variants=variants, **changed)


def problems(given: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(RowInvalid) as refusal:
        draft_of(given, TYPES)
    return refusal.value.problems


@pytest.mark.parametrize(
    ("value", "unit", "into", "made"),
    [
        (1.5, "kg", "g", 1500),
        (1, "in", "mm", 25.4),
        (10, "in", "cm", 25.4),
        (250, "ml", "l", 0.25),
        (0.1, "m", "cm", 10),
        (1e-7, "kg", "mg", 0.1),
        (7, "W", "W", 7),
        (1, "kg", "ml", None),
        (1, "stone", "kg", None),
    ],
)
def test_kindred_units_are_converted_exactly(value: float, unit: str, into: str, made: float | None) -> None:
    assert converted(value, unit, into) == made
    assert type(converted(value, unit, into)) is type(made)


@pytest.mark.parametrize(
    ("code", "given", "read"),
    [
        ("volume", 350, 350),
        ("volume", {"value": 0.35, "unit": "l"}, 350),
        ("volume", "0.35 l", 350),
        ("volume", "0350", 350),
        ("weight", {"value": 1.5, "unit": "kg"}, 1500),
        ("weight", "12.5", 12.5),
        ("power", "60 W", 60),
        ("pieces", "6", 6),
        ("handmade", True, True),
        ("handmade", "false", False),
        ("glaze", "blue", "blue"),
        ("uses", ["clay", "blue", "clay"], ["clay", "blue"]),
        ("uses", "clay", ["clay"]),
        ("since", "2026-11-25", "2026-11-25"),
        ("saucer", "saucer-blue", "saucer-blue"),
        ("care", "À mão", {"pt-BR": "À mão"}),
        ("care", {"pt-BR": "À mão", "en": "By hand"}, {"pt-BR": "À mão", "en": "By hand"}),
        ("mark", " K ", "K"),
    ],
)
def test_a_value_is_read_by_its_type(code: str, given: Any, read: Any) -> None:
    found = draft_of(typed({code: given}), TYPES).attributes
    assert found == {"volume": 350} | {code: read}
    assert type(found[code]) is type(read)


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"volume": None}, ("attributes.volume", "is missing: a product of the type 'mug' has it")),
        ({"volume": True}, ("attributes.volume", "must be a number of ml, not true/false")),
        ({"volume": "much"}, ("attributes.volume", "must be a number of ml, not a text")),
        ({"volume": "1 kg"}, ("attributes.volume", "is in 'kg', which cannot be turned into 'ml'")),
        (
            {"volume": {"value": 1, "unit": "gallon"}},
            ("attributes.volume", "is in 'gallon', which cannot be turned into 'ml'"),
        ),
        ({"volume": {"value": 1}}, ("attributes.volume", "must be a number of ml, not an object")),
        (
            {"volume": {"value": float("inf"), "unit": "l"}},
            ("attributes.volume", "is a number too large to keep exactly"),
        ),
        ({"volume": {"value": 2**53, "unit": "l"}}, ("attributes.volume", "is a number too large to keep exactly")),
        ({"pieces": "6 kg"}, ("attributes.pieces", "is in 'kg', which cannot be turned into 'a plain number'")),
        ({"handmade": "yes"}, ("attributes.handmade", "must be true or false, not a text")),
        ({"glaze": "red"}, ("attributes.glaze", "'red' is none of its options: blue, clay")),
        ({"glaze": ["blue"]}, ("attributes.glaze", "must be one code, not a list")),
        ({"glaze": {}}, ("attributes.glaze", "'{}' is none of its options: blue, clay")),
        ({"uses": ["blue", 5]}, ("attributes.uses", "'5' is none of its options: blue, clay")),
        ({"since": "25/11/2026"}, ("attributes.since", "'25/11/2026' is not a day such as 2026-11-25")),
        ({"since": "2026-02-30"}, ("attributes.since", "'2026-02-30' is not a day such as 2026-11-25")),
        ({"saucer": "No Slug"}, ("attributes.saucer", "'No Slug' is not the slug of a product")),
        ({"mark": {"en": "K"}}, ("attributes.mark", "must be a text, not an object")),
        ({"colour": "blue"}, ("attributes.colour", "is not an attribute of the product type 'mug'")),
        ({"other": 1}, ("attributes.other", "is not an attribute of the product type 'mug'")),
        ([1], ("attributes", "must be names with values, not a list")),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_the_reason(attributes: Any, problem: tuple[str, str]) -> None:
    assert problems(typed(attributes)) == [problem]


def test_options_are_the_axes_of_the_type_and_a_code_stands_for_its_title() -> None:
    assert draft_of(typed(options={"colour": "clay", "size": "P"}), TYPES).variants[0].options == {
        "colour": {"pt-BR": "Barro", "en": "Clay"},
        "size": {"pt-BR": "P"},
    }
    assert draft_of(typed(options={"colour": {"pt-BR": "Azul", "en": "Blue"}}), TYPES).variants[0].options == {
        "colour": {"pt-BR": "Azul", "en": "Blue"}
    }
    assert problems(typed(options={"colour": "red"})) == [
        ("options.colour", "'red' is none of its options: blue, clay")
    ]
    assert problems(typed(options={})) == [("options.colour", "is missing")]
    assert problems(typed(options={"colour": "blue", "wood": "x"})) == [
        ("options.wood", "is not an option of this product type; those are colour, size")
    ]


def test_a_type_that_is_not_there_is_refused() -> None:
    assert problems(row(type="none")) == [("type", "there is no product type 'none'")]
    assert problems(row(type="No!")) == [("type", "'No!' must be lower-case letters a-z, digits and single hyphens")]
    assert problems(row(type=5)) == [("type", "must be a text, not a number")]


def test_without_a_type_attributes_are_free() -> None:
    assert draft_of(row(attributes={"Any Name": "x", "n": 1.5}), TYPES).attributes == {"Any Name": "x", "n": 1.5}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([one.code for one in MUG.attributes]), _json)
def test_any_value_of_a_typed_attribute_is_read_or_refused_by_name(code: str, value: Any) -> None:
    try:
        named = set(draft_of(typed({code: value}), TYPES).attributes) - {"volume"}
    except RowInvalid as refusal:
        named = {field.split(".")[1] for field, _ in refusal.problems}
    assert named <= {code}
