"""What one action works on: the selected items, what is left of their amounts, and how much may be taken off them."""

from collections.abc import Sequence

from renga.domains.pricing.contract import OfferFacts
from renga.domains.pricing.contract.shares import share
from renga.domains.pricing.model.amounts import WHOLE_BASIS, priced
from renga.domains.pricing.model.basket import PromotionBasket

#: Discounts by position of the item.
Discounts = dict[int, int]


class ActionWork:
    """``left`` is what each item costs after earlier discounts; ``open`` the mask of lines that may be touched."""

    __slots__ = ("applications_max", "basket", "currency", "left", "margin", "open", "selected")

    def __init__(
        self,
        basket: PromotionBasket,
        left: Sequence[int],
        selected: int,
        open_mask: int,
        currency: str,
        *,
        margin: int | None,
        applications_max: int | None,
    ) -> None:
        self.basket = basket
        self.left = left
        self.selected = selected
        self.open = open_mask
        self.currency = currency
        self.margin = margin
        self.applications_max = applications_max

    def positions(self, mask: int) -> list[int]:
        """The items of a mask that still cost something."""
        left = self.left
        return [position for position in self.basket.positions(mask) if left[position] > 0]

    def capacity(self, position: int) -> int:
        """How much may be taken off an item, so that it stays at or above zero and its minimum margin."""
        left = self.left[position]
        if self.margin is None:
            return left
        item = self.basket.items[position]
        return max(0, left - margin_floor(item.facts, item.milli, self.margin))

    def capacities(self, positions: Sequence[int]) -> list[int]:
        """As ``capacity``, of several items."""
        if self.margin is None:
            return [self.left[position] for position in positions]
        return [self.capacity(position) for position in positions]

    def value(self, position: int, units: int) -> int:
        """What this many whole units of an item cost now."""
        item = self.basket.items[position]
        whole = self.left[position]
        if item.milli != item.units * 1000:
            whole = share(whole, item.milli, item.units * 1000)
        return share(whole, item.units, units)

    def applications(self, count: int) -> int:
        return count if self.applications_max is None else min(count, self.applications_max)


def margin_floor(facts: OfferFacts, milli: int, margin: int) -> int:
    """The least that a quantity may cost: cost / (1 - margin), rounded up; 0 if the cost is unknown."""
    if facts.cost is None:
        return 0
    return -(-priced(facts.cost, milli) * WHOLE_BASIS // (WHOLE_BASIS - margin))
