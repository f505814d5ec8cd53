"""Actions on deliveries: free or reduced shipping. A merchant's promotion touches only the merchant's deliveries."""

from collections.abc import Sequence

from renga.domains.pricing.contract import FreeShipping, ReducedShipping
from renga.domains.pricing.model.amounts import WHOLE_BASIS, allocate, half_up
from renga.domains.pricing.model.work import Discounts


def shipping_discounts(
    action: FreeShipping | ReducedShipping, fees: Sequence[int], touched: Sequence[int], currency: str
) -> Discounts:
    """Discounts by position of the delivery; ``fees`` are what they cost now, ``touched`` those that the promotion reaches."""
    positions = [position for position in touched if fees[position] > 0]
    left = [fees[position] for position in positions]
    if isinstance(action, FreeShipping):
        return dict(zip(positions, left, strict=True))
    if action.basis_points is not None:
        parts = allocate(half_up(sum(left) * action.basis_points, WHOLE_BASIS), left)
    elif action.amounts is not None:
        parts = allocate(min(action.amounts.get(currency, 0), sum(left)), left)
    else:
        price = (action.fixed or {}).get(currency)
        parts = [0 if price is None else max(0, fee - price) for fee in left]
    return dict(zip(positions, parts, strict=True))
