"""What one piece contains, and what a kg, l, m … of it costs (Directive 98/6/EC)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from renga.domains.catalog.contract.products import Measure, MeasureUnit

BaseUnit = Literal["kg", "l", "m", "m2", "piece"]

#: The unit that the price is told in, and how many of the measure's unit make one of it.
_BASES: Mapping[MeasureUnit, tuple[BaseUnit, int]] = {
    "g": ("kg", 1000), "kg": ("kg", 1), "ml": ("l", 1000), "l": ("l", 1),
    "m": ("m", 1), "m2": ("m2", 1), "piece": ("piece", 1),
}  # fmt: skip
_MILLI = 1000


class BaseContent(msgspec.Struct, frozen=True, kw_only=True):
    """``content`` of ``parts`` parts of the base unit ``per``: 250 g are 250,000 of 1,000,000 parts of a kg."""

    content: int
    per: BaseUnit
    parts: int


def base_content(measure: Measure) -> BaseContent:
    """Exact: a measure has at most three decimals."""
    per, whole = _BASES[measure.unit]
    return BaseContent(content=int(Decimal(str(measure.amount)) * _MILLI), per=per, parts=whole * _MILLI)


def amount_per_base(amount: int, measure: Measure) -> tuple[int, BaseUnit]:
    """What one base unit costs if one piece costs ``amount`` minor units, rounded half up; and that unit."""
    base = base_content(measure)
    return (2 * amount * base.parts + base.content) // (2 * base.content), base.per
