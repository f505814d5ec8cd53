"""Scalars: amounts, times, attribute values."""

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from renga.kernel.money import AMOUNT_MAX

MinorUnits = NewType("MinorUnits", int)
Moment = NewType("Moment", str)
AttributeValue = NewType("AttributeValue", object)


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > AMOUNT_MAX:
        raise ValueError(f"an amount is a whole number of minor units, not {value!r}")
    return value


def _same(value: Any) -> Any:
    return value


#: For Strawberry's configuration.
SCALARS: dict[object, ScalarDefinition] = {
    MinorUnits: strawberry.scalar(
        name="MinorUnits",
        description="A whole number of a currency's minor units (cents), exact in JSON: at most 2^53 - 1.",
        serialize=_amount,
        parse_value=_amount,
    ),
    Moment: strawberry.scalar(
        name="Moment", description="A time in UTC, RFC 3339: 2026-11-25T18:00:00.000Z.", serialize=_same
    ),
    AttributeValue: strawberry.scalar(
        name="AttributeValue",
        description="The value of an attribute: a text, a number, true or false, or a list of codes.",
        serialize=_same,
    ),
}
