"""Quantities on the wire are numbers of units with at most three decimals; inside, whole thousandths."""

from renga.domains.inventory.contract import QUANTITY_MILLI_MAX, StockQuantityInvalid


def milli_of(units: float, *, field: str) -> int:
    """0.25 → 250. Raises StockQuantityInvalid, also for a fourth decimal."""
    if not abs(units) <= QUANTITY_MILLI_MAX / 1000:
        raise StockQuantityInvalid(f"a quantity is at most {QUANTITY_MILLI_MAX // 1000}", field=field)
    milli = round(units * 1000)
    if abs(units * 1000 - milli) > 1e-6 * max(1.0, abs(units)):
        raise StockQuantityInvalid("a quantity has at most three decimals", field=field)
    return milli


def units_of(milli: int) -> int | float:
    """250 → 0.25, 3000 → 3."""
    return milli // 1000 if milli % 1000 == 0 else milli / 1000
