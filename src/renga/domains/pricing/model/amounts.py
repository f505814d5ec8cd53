"""Integer arithmetic of money: rounding, exact allocation."""

from collections.abc import Sequence

#: Basis points, parts per million and thousandths of a unit.
WHOLE_BASIS, WHOLE_PPM, WHOLE_MILLI = 10_000, 1_000_000, 1_000


def half_up(numerator: int, denominator: int) -> int:
    """A non-negative quotient rounded to the nearest whole number, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def priced(unit_price: int, quantity_milli: int) -> int:
    """What a quantity costs at a price per unit."""
    if quantity_milli % WHOLE_MILLI == 0:
        return unit_price * (quantity_milli // WHOLE_MILLI)
    return half_up(unit_price * quantity_milli, WHOLE_MILLI)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split a non-negative amount by weights; left-over units go to the largest remainders, equal ones to the earlier part.

    Weights are not negative; if all are zero, so is the amount. No part is larger than its weight if the amount is not
    larger than their sum.
    """
    if len(weights) == 1:
        return [amount]
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    missing = amount - sum(parts)
    if missing:
        remainders = [amount * weight % total for weight in weights]
        # sorting is stable: of equal remainders the earlier part comes first
        for position in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:missing]:
            parts[position] += 1
    return parts
