"""What one piece contains, as a part of the unit that its price is told in."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from renga.domains.catalog.contract import Measure, MeasureUnit
from renga.domains.pricing.contract import UnitMeasure

#: The unit that the price is told in, and how many of the measure's unit make one of it.
_PER: Mapping[MeasureUnit, tuple[Literal["kg", "l", "m", "m2", "piece"], int]] = {
    "g": ("kg", 1000), "kg": ("kg", 1), "ml": ("l", 1000), "l": ("l", 1),
    "m": ("m", 1), "m2": ("m2", 1), "piece": ("piece", 1),
}  # fmt: skip
_MILLI = 1000


def unit_measure(measure: Measure) -> UnitMeasure:
    """Exact: a measure has at most three decimals."""
    per, whole = _PER[measure.unit]
    return UnitMeasure(content=int(Decimal(str(measure.amount)) * _MILLI), per=per, parts=whole * _MILLI)
