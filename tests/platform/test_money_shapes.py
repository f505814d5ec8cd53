"""Money in answers has one shape: an amount in minor units with its currency (docs/decisions/0020-money-on-the-wire.md)."""

import re
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, build_schema, get_named_type

from renga.frontends.bff.graphql.sdl import sdl
from tests.architecture.test_access import MADE

SCHEMAS: dict[str, dict[str, Any]] = MADE.document()["components"]["schemas"]
MONEY = "#/components/schemas/Money"
_OF_MONEY = re.compile(r"(.*_)?(price|prices|total|subtotal|compare_at|amount)$")
#: Counts, and the amount itself.
_NUMBERS = {("Money", "amount"), ("Measure", "amount"), ("SearchView", "total")}
#: Parts of a product's native row, and what sets one of its prices: amount and currency stand beside other members.
_ROWS = {"ListPrice", "PricePoint", "ScheduledPrice", "SetPrice"}
#: Money with the unit that it is the price of.
_PER_UNIT = {("QuoteLine", "measure_price")}
#: The native row has prices by currency.
_MAPS = {("Variant", "prices"), ("Variant", "compare_at")}


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {one for part in schema for one in _references(part)}
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*(_references(part) for part in schema.values()))


def test_every_member_of_an_answer_that_tells_of_money_is_money() -> None:
    told = [
        (name, member, schema)
        for name, described in SCHEMAS.items()
        for member, schema in described.get("properties", {}).items()
        if _OF_MONEY.match(member) and (name, member) not in _NUMBERS | _MAPS | _PER_UNIT and name not in _ROWS
    ]
    assert len(told) >= 6
    for name, member, schema in told:
        assert _references(schema) == {MONEY}, f"{name}.{member}"


def test_a_price_of_a_measure_is_money_beside_its_unit() -> None:
    for name, member in _PER_UNIT:
        (shape,) = _references(SCHEMAS[name]["properties"][member])
        members = SCHEMAS[shape.rpartition("/")[2]]["properties"]
        assert _references(members["price"]) == {MONEY}
        assert members["per"]["type"] == "string"


def test_the_native_row_has_whole_minor_units_beside_or_by_a_currency() -> None:
    for name in _ROWS:
        members = SCHEMAS[name]["properties"]
        kinds = members["amount"].get("anyOf", [members["amount"]])
        assert {one["type"] for one in kinds} <= {"integer", "null"}, name
        assert "currency" in members or name == "SetPrice", name  # its currency is in the path
    for name, member in _MAPS:
        assert SCHEMAS[name]["properties"][member]["additionalProperties"] == {"type": "integer"}


def test_money_is_whole_minor_units_and_a_currency() -> None:
    money = SCHEMAS["Money"]["properties"]
    assert {name: one["type"] for name, one in money.items()} == {"amount": "integer", "currency": "string"}


def test_a_number_of_minor_units_in_the_graph_stands_beside_its_currency_as_amount() -> None:
    types = build_schema(sdl()).type_map.values()
    found = [
        (one.name, name, set(one.fields))
        for one in types
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in one.fields.items()
        if get_named_type(field.type).name == "MinorUnits"
    ]
    assert {name for name, _, _ in found} == {"Money", "Price"}
    assert all(field == "amount" and "currency" in beside for _, field, beside in found)
