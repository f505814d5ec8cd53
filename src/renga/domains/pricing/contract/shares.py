"""Exact shares of an amount over equal units, for partial refunds."""


def share(amount: int, units: int, taken: int) -> int:
    """What the first ``taken`` of ``units`` equal units carry of an amount: nothing for 0, all of it for all.

    Units that are returned carry ``share(a, n, returned + k) - share(a, n, returned)``, so that any order of partial refunds
    adds up to what was paid. Halves are rounded away from zero. Raises ValueError if ``taken`` is not from 0 to ``units``.
    """
    if units < 1 or not 0 <= taken <= units:
        raise ValueError(f"{taken} of {units} units is no share")
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * taken + units) // (2 * units))


def returned_share(amount: int, units: int, returned: int, more: int) -> int:
    """What ``more`` units carry after ``returned`` ones have gone back. Raises ValueError."""
    return share(amount, units, returned + more) - share(amount, units, returned)
