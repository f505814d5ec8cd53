"""What is wrong in a request is named by its path, in one form: ``variants[0].prices.BRL``."""

from typing import Annotated, Any

import msgspec
import pytest

from renga.kernel.members import invalid_json

Code = Annotated[str, msgspec.Meta(max_length=3)]


class Variant(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    prices: dict[Code, int] = {}
    pair: tuple[int, str] | None = None


class Product(msgspec.Struct):
    variants: list[Variant]
    taxonomy: dict[str, dict[str, list[Variant]]] = {}


MANY = {f"K{number}": number for number in range(9)} | {"BRL": "x", "USD": "y"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"variants": [{"sku": "A"}, {"sku": 1}]}, "variants[1].sku"),
        ({"variants": [{"sku": "A", "prices": {"USD": 1, "BRL": "x", "EUR": "y"}}]}, "variants[0].prices.BRL"),
        ({"variants": [{"sku": "A", "prices": MANY}]}, "variants[0].prices.BRL"),
        ({"variants": [{"sku": "A", "prices": {"LONG": 1}}]}, "variants[0].prices.LONG"),
        ({"variants": [{}]}, "variants[0].sku"),
        ({"variants": [{"sku": "A", "colour": 1}]}, "variants[0].colour"),
        ({"variants": [{"sku": "A", "pair": [1, 2]}]}, "variants[0].pair[1]"),
        ({"variants": 3}, "variants"),
        ({}, "variants"),
        ({"variants": [], "taxonomy": {"a": {}, "b": {"c": [{"sku": "A"}, {"sku": None}]}}}, "taxonomy.b.c[1].sku"),
    ],
)
def test_a_member_is_named_by_its_path(body: Any, field: str) -> None:
    sent = msgspec.json.encode(body)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(sent, type=Product)
    problem = invalid_json(refused.value, sent, Product)
    assert problem.extra == {"field": field}
    assert problem.detail.endswith(f" - at `{field}`")
    assert "$" not in problem.detail


def test_the_whole_has_no_name() -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(b"[]", type=Product)
    problem = invalid_json(refused.value, b"[]", Product)
    assert (problem.detail, problem.extra) == ("Expected `object`, got `array`", {})


def test_a_body_that_is_no_json_after_the_wrong_member_names_what_holds_the_key() -> None:
    body = b'{"variants":[{"sku":"A","prices":{"BRL":"x"'
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(body, type=Product)
    assert invalid_json(refused.value, body, Product).extra == {"field": "variants[0].prices"}
