"""What is left to pay while promotions are applied, one after the other."""

from collections.abc import Iterable, Sequence

import msgspec

from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.work import Discounts


class AppliedPromotion(msgspec.Struct, frozen=True, gc=False, eq=False):
    """What a promotion takes off: by item, by delivery; gifts it adds. ``touched`` is the mask of the lines it is about."""

    compiled: CompiledPromotion
    items: Discounts
    charges: Discounts
    gifts: tuple[tuple[str, int], ...]
    touched: int
    discount: int


class Remaining:
    """What items and deliveries cost after the applications so far."""

    __slots__ = ("applied", "fees", "items", "total")

    def __init__(
        self,
        items: Sequence[int],
        fees: Sequence[int],
        applied: Iterable[AppliedPromotion] = (),
        total: int | None = None,
    ) -> None:
        self.items = list(items)
        self.fees = list(fees)
        self.applied = list(applied)
        self.total = sum(items) + sum(fees) if total is None else total

    @property
    def gifts(self) -> int:
        """Units that are given away."""
        return sum(units for one in self.applied for _, units in one.gifts)

    def take(self, application: AppliedPromotion) -> None:
        """Applies it to this value."""
        items, fees = self.items, self.fees
        for position, amount in application.items.items():
            items[position] -= amount
        for position, amount in application.charges.items():
            fees[position] -= amount
        self.total -= application.discount
        self.applied.append(application)

    def after(self, applications: Iterable[AppliedPromotion]) -> "Remaining":
        """A copy with these applied."""
        copy = Remaining(self.items, self.fees, self.applied, self.total)
        for one in applications:
            copy.take(one)
        return copy
