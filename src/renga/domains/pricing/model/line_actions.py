"""Actions on whole lines: percent, amount, fixed price, tiers. A percentage is rounded once, then allocated exactly."""

from renga.domains.pricing.contract import AmountOff, FixedPrice, PercentOff, Tier, TieredDiscount
from renga.domains.pricing.model.amounts import WHOLE_BASIS, allocate, half_up, priced
from renga.domains.pricing.model.work import ActionWork, Discounts


def percent(action: PercentOff, work: ActionWork) -> Discounts:
    return percent_off(action.basis_points, work)


def percent_off(basis_points: int, work: ActionWork) -> Discounts:
    """A percentage of what the selected lines cost now."""
    positions = work.positions(work.selected)
    if len(positions) == 1:
        (position,) = positions
        return {position: half_up(work.left[position] * basis_points, WHOLE_BASIS)}
    left = [work.left[position] for position in positions]
    discount = half_up(sum(left) * basis_points, WHOLE_BASIS)
    return dict(zip(positions, allocate(discount, left), strict=True))


def amount(action: AmountOff, work: ActionWork) -> Discounts:
    """An amount off all selected lines together, or off each unit."""
    off = action.amounts.get(work.currency, 0)
    if action.per == "order":
        return amount_off(off, work)
    items = work.basket.items
    return {p: min(work.left[p], priced(off, items[p].milli)) for p in work.positions(work.selected)}


def amount_off(off: int, work: ActionWork) -> Discounts:
    """Allocated by what may be taken off each line, so that a line with little left never becomes negative."""
    positions = work.positions(work.selected)
    capacities = work.capacities(positions)
    discount = min(off, sum(capacities))
    return dict(zip(positions, allocate(discount, capacities), strict=True)) if positions else {}


def fixed_price(action: FixedPrice, work: ActionWork) -> Discounts:
    """Each unit for a price, if that is less."""
    price = action.amounts.get(work.currency)
    if price is None:
        return {}
    items = work.basket.items
    return {p: max(0, work.left[p] - priced(price, items[p].milli)) for p in work.positions(work.selected)}


def tiers(action: TieredDiscount, work: ActionWork) -> Discounts:
    """The highest tier that is reached."""
    selected = work.basket.positions(work.selected)
    units = sum(work.basket.units[position] for position in selected)
    before = sum(work.basket.amounts[position] for position in selected)
    best, best_least = None, -1
    for tier in action.tiers:
        least, reached = _threshold(tier, units, before, work.currency)
        if reached and least > best_least:
            best, best_least = tier, least
    if best is None:
        return {}
    if best.basis_points is not None:
        return percent_off(best.basis_points, work)
    return amount_off((best.off or {}).get(work.currency, 0), work)


def _threshold(tier: Tier, units: int, before: int, currency: str) -> tuple[int, bool]:
    if tier.quantity is not None:
        return tier.quantity, units >= tier.quantity
    least = (tier.amounts or {}).get(currency)
    return (-1, False) if least is None else (least, before >= least)
