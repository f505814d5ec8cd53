"""Queries over the whole schema, made by Hypothesis: fields, aliases, fragments, directives, arguments, variables."""

import re
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)
from hypothesis import strategies as st

from renga.frontends.bff.graphql.schema import core_schema

#: What texts are tried by the name of the argument: some that exist, some that do not, some that are refused.
TEXTS: dict[str, list[str]] = {
    "slug": ["caneca-aurora", "cafe-quintal", "cafe-e-cha", "luz-e-aroma", "nowhere"],
    "id": ["caneca-aurora", "cafe-serra-lenta", "nobody"],
    "sku": ["CAN-AURORA-AZ", "CAF-SERRA-1K-GR", "NONE"],
    "language": ["en", "pt-BR", "pt", "fr", "*"],
    "currency": ["BRL", "USD", "JPY", "XXX"],
    "channel": ["web", "store"],
    "group": ["friends"],
    "category": ["cafe-e-cha", "luz-e-aroma", "nowhere"],
    "parent": ["cafe-e-cha"],
    "text": ["caneca", "a", "zzz", ""],
    "facet": ["brand", "price"],
    "after": ["WyJjIixudWxsLDFd", "broken"],
}
NUMBERS = {"first": [0, 1, 2, 5, 101], "size": [1, 320, 5000, -1], "quantity": [0, 1, 10]}
_DIRECTIVES = ["", "", "", "", " @include(if: $yes)", " @skip(if: $yes)", " @skip(if: $no)", " @include(if: false)"]
VARIABLES: dict[str, Any] = {"yes": True, "no": False, "few": 2, "tongue": "en", "money": "USD", "none": None}
_DECLARED = {
    "yes": "Boolean!",
    "no": "Boolean = false",
    "few": "Int! = 3",
    "tongue": "String",
    "money": "String",
    "none": "String",
}


@st.composite
def queries(draw: Any) -> str:
    """One query that fits the schema; its answer may be errors."""
    query = core_schema().query_type
    assert query is not None
    body = _selection(draw, query, 0)
    used = [f"${name}: {kind}" for name, kind in _DECLARED.items() if re.search(rf"\${name}\b", body)]
    return f"query Made{f'({chr(44).join(used)})' if used else ''} {body}"


def _selection(draw: Any, kind: GraphQLObjectType, depth: int) -> str:
    leaves = [name for name, field in kind.fields.items() if _is_leaf(field)]
    branches = [name for name, field in kind.fields.items() if not _is_leaf(field)] if depth < 5 else []
    names = draw(st.lists(st.sampled_from(["__typename", *leaves, *branches, *branches]), min_size=1, max_size=4))
    parts: list[str] = []
    for name in names:
        number = draw(st.integers(0, 99))
        alias = "" if number < 60 else f"a{len(parts)}: "
        if name != "__typename":
            parts.append(
                f"{alias or _alias(len(parts), kind.fields[name])}{_field(draw, name, kind.fields[name], depth)}"
            )
        else:
            parts.append(name)
    if draw(st.booleans()):
        parts = [f"... on {kind.name} {{ {' '.join(parts)} }}", "__typename"]
    return "{ " + " ".join(parts) + " }"


def _alias(number: int, field: GraphQLField) -> str:
    """Fields with arguments are told apart, else they would have to be asked alike."""
    named = get_named_type(field.type)
    return f"f{number}: " if field.args or isinstance(named, GraphQLObjectType) else ""


def _field(draw: Any, name: str, field: GraphQLField, depth: int) -> str:
    given = []
    for argument, definition in field.args.items():
        required = isinstance(definition.type, GraphQLNonNull) and definition.default is None
        if required or draw(st.integers(0, 3)) == 0:
            given.append(f"{argument}: {_value(draw, argument, definition.type)}")
    arguments = f"({', '.join(given)})" if given else ""
    directive = draw(st.sampled_from(_DIRECTIVES))
    named = get_named_type(field.type)
    below = f" {_selection(draw, named, depth + 1)}" if isinstance(named, GraphQLObjectType) else ""
    return f"{name}{arguments}{directive}{below}"


def _value(draw: Any, name: str, kind: Any) -> str:
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return "[" + _value(draw, name, kind.of_type) + "]"
    if isinstance(kind, GraphQLEnumType):
        return str(draw(st.sampled_from(list(kind.values))))
    if isinstance(kind, GraphQLInputObjectType):
        return '{facet: "brand", values: ["Forno Baixo"]}'
    if name in NUMBERS:
        choices = [str(number) for number in NUMBERS[name]] + (["$few"] if name != "after" else [])
        return str(draw(st.sampled_from(choices)))
    variables = {"language": "$tongue", "currency": "$money", "channel": "$none"}
    texts = [f'"{text}"' for text in TEXTS.get(name, ["x"])]
    if name in variables and not isinstance(kind, GraphQLNonNull):
        texts.append(variables[name])
    return str(draw(st.sampled_from(texts)))


def _is_leaf(field: GraphQLField) -> bool:
    return not isinstance(get_named_type(field.type), GraphQLObjectType)
