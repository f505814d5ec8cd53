"""Actions that look at single units: buy X get Y, cheapest free, bundle price. Units come in runs of one item, so a million
of them cost no more than one. Runs are sorted by price and sku: the order of the lines does not matter."""

from collections.abc import Sequence

from renga.domains.pricing.contract import BundlePrice, BuyXGetY, CheapestFree
from renga.domains.pricing.model.amounts import WHOLE_BASIS, allocate, half_up
from renga.domains.pricing.model.basket import condition_tokens
from renga.domains.pricing.model.work import ActionWork, Discounts


def buy_x_get_y(action: BuyXGetY, work: ActionWork) -> Discounts:
    """See the contract; the discounted units of a full group are never dearer than those that are paid."""
    if action.of:
        return _buy_some_get_others(action, work)
    runs = _dearest_first(work, work.selected)
    group = action.buy + action.get
    full = work.applications(sum(units for _, units in runs) // group) * group
    taken, start = {}, 0
    for position, units in runs:
        end = start + units
        count = _gifts(min(end, full), action) - _gifts(min(start, full), action)
        if count:
            taken[position] = work.value(position, count)
        start = end
    return _reduced(taken, action.basis_points)


def _gifts(units: int, action: BuyXGetY) -> int:
    """How many of the first units are discounted."""
    groups, rest = divmod(units, action.buy + action.get)
    return groups * action.get + max(0, rest - action.buy)


def _buy_some_get_others(action: BuyXGetY, work: ActionWork) -> Discounts:
    others = work.open
    for condition in action.of:
        met = work.basket.having(condition_tokens(condition))
        others &= ~met if condition.exclude else met
    bought = sum(units for _, units in _dearest_first(work, work.selected & ~others))
    count = work.applications(bought // action.buy) * action.get
    cheapest = list(reversed(_dearest_first(work, others)))
    return _reduced(_take(work, cheapest, count), action.basis_points)


def cheapest_free(action: CheapestFree, work: ActionWork) -> Discounts:
    """The cheapest units of all selected ones."""
    runs = _dearest_first(work, work.selected)
    count = work.applications(sum(units for _, units in runs) // action.every) * action.free
    return _take(work, list(reversed(runs)), count)


def bundle_price(action: BundlePrice, work: ActionWork) -> Discounts:
    """Each complete set for a price; a sku in several parts is needed once for each."""
    price = action.amounts.get(work.currency)
    wanted: dict[int, int] = {}
    for part in action.parts:
        position = work.basket.by_sku.get(part.sku)
        if price is None or position is None or not work.selected >> position & 1:
            return {}
        wanted[position] = wanted.get(position, 0) + part.quantity
    sets = work.applications(min(work.basket.units[position] // count for position, count in wanted.items()))
    if sets == 0 or price is None:
        return {}
    values = {position: work.value(position, sets * count) for position, count in sorted(wanted.items())}
    discount = max(0, sum(values.values()) - sets * price)
    return dict(zip(values, allocate(discount, list(values.values())), strict=True))


def _dearest_first(work: ActionWork, mask: int) -> list[tuple[int, int]]:
    """Runs of (item, whole units); items are in the order of their skus."""
    items = work.basket.items

    def dearest(position: int) -> tuple[int, int]:
        return -(work.left[position] * 1_000_000_000 // items[position].milli), position

    return [(p, items[p].units) for p in sorted(work.positions(mask), key=dearest) if items[p].units]


def _take(work: ActionWork, runs: Sequence[tuple[int, int]], count: int) -> Discounts:
    taken: Discounts = {}
    for position, units in runs:
        if count <= 0:
            break
        taken[position] = work.value(position, min(units, count))
        count -= units
    return taken


def _reduced(taken: Discounts, basis_points: int) -> Discounts:
    if basis_points == WHOLE_BASIS or not taken:
        return taken
    amounts = list(taken.values())
    parts = allocate(half_up(sum(amounts) * basis_points, WHOLE_BASIS), amounts)
    return dict(zip(taken, parts, strict=True))
