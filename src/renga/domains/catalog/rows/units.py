"""Pure: exact conversion between compatible units."""

from collections.abc import Mapping
from fractions import Fraction

#: Units per quantity, as multiples of the first one (an inch is 25.4 mm by definition).
_KINDS: tuple[Mapping[str, Fraction], ...] = (
    {"mg": Fraction(1), "g": Fraction(1_000), "kg": Fraction(1_000_000)},
    {"mm": Fraction(1), "cm": Fraction(10), "m": Fraction(1_000), "in": Fraction(254, 10)},
    {"ml": Fraction(1), "l": Fraction(1_000)},
)


def converted(value: int | float, unit: str, into: str) -> int | float | None:
    """1.5 kg into g → 1500; None if the units are incompatible. Whole numbers are returned as int."""
    if unit == into:
        return value
    kind = next((kind for kind in _KINDS if unit in kind and into in kind), None)
    if kind is None:
        return None
    exact = Fraction(str(value)) * kind[unit] / kind[into]
    return int(exact) if exact.denominator == 1 else float(exact)
