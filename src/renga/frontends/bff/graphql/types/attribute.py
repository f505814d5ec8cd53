"""Attributes of a product, typed as its product type defines."""

from enum import Enum
from typing import Any

import msgspec
import strawberry

from renga.domains.catalog.contract import AttributeType
from renga.domains.catalog.contract import AttributeValue as Value
from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.fields import own, public
from renga.frontends.bff.graphql.sources import OfProduct, ReaderTerms
from renga.frontends.bff.graphql.texts import say
from renga.frontends.bff.graphql.types.scalars import AttributeValue

Info = strawberry.Info[Context, None]


class OfAttribute(msgspec.Struct, frozen=True):
    """``type`` is None if the product's type does not define the attribute."""

    code: str
    type: AttributeType | None
    value: Value
    asked: ReaderTerms


@strawberry.enum(description="The kind of an attribute's value.")
class AttributeKind(Enum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ENUM = "enum"
    DATE = "date"
    REFERENCE = "reference"


def attributes(root: strawberry.Parent[OfProduct], info: Info, codes: list[str] | None = None) -> Any:
    product, asked = root.product, root.asked
    found = info.context.product_type(product.type)
    types = {} if found is None else {one.code: one for one in found.attributes}
    return [
        OfAttribute(code, types.get(code), value, asked)
        for code, value in product.attributes.items()
        if codes is None or code in codes
    ]


def _label(root: strawberry.Parent[OfAttribute]) -> str:
    return (root.type and say(root.type.title, root.asked.preferred)) or root.code


def _kind(root: strawberry.Parent[OfAttribute]) -> AttributeKind:
    if root.type is not None:
        return AttributeKind(root.type.kind)
    if isinstance(root.value, bool):
        return AttributeKind.BOOLEAN
    if isinstance(root.value, int | float):
        return AttributeKind.NUMBER
    return AttributeKind.ENUM if isinstance(root.value, list) else AttributeKind.TEXT


def _value(root: strawberry.Parent[OfAttribute]) -> Any:
    return say(root.value, root.asked.preferred) or "" if isinstance(root.value, dict) else root.value


def _text(root: strawberry.Parent[OfAttribute]) -> str:
    value: Any = _value(root)
    options = {} if root.type is None else {option.code: option.title for option in root.type.options}
    if isinstance(value, bool):
        return "true" if value else "false"
    parts = value if isinstance(value, list) else [value]
    return ", ".join(say(options.get(part, {}), root.asked.preferred) or str(part) for part in parts)


def _unit(root: strawberry.Parent[OfAttribute]) -> str | None:
    return None if root.type is None else root.type.unit


@strawberry.type(description="One attribute of a product.")
class Attribute:
    code: str = public(own("code"), "Stable name, for filters.")
    label: str = public(_label, "Its name, or its code if it has no name.")
    kind: AttributeKind = public(_kind, "The kind of its value.")
    value: AttributeValue = public(
        _value, "The value: codes of enums, numbers in `unit`, texts in the requested language."
    )
    text: str = public(_text, "The value as text: titles of enums in the requested language.")
    unit: str | None = public(_unit, "The unit of a number.")
