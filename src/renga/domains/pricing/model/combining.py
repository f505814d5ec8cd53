"""Which promotions a quote uses: the combination of all groups for which the buyer pays least.

Without exclusive promotions: the best deal first, then every combinable promotion in order of priority. An exclusive one of
the shop stands alone; one of a merchant keeps the others off the merchant's lines. Of all these the cheapest is used; between
equal ones the one without exclusive promotions.
"""

from collections.abc import Iterable, Sequence
from itertools import product

import msgspec

from renga.domains.pricing.model.applying import Applying
from renga.domains.pricing.model.best_deal import BestDeal
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.remaining import Remaining

#: Combinations of exclusive promotions that are compared; with more, merchants are looked at one after the other.
EXCLUSIVE_COMBINATIONS_MAX = 32

#: Outcomes of the best deal times combinable promotions that are tried to find what is best in the end (at least 2 outcomes are).
COMPARED_MAX = 300


class Combination(msgspec.Struct, frozen=True, eq=False):
    """What is left to pay and what was applied."""

    remaining: Remaining
    approximated: bool = False


class Combining:
    """Decides for one basket; ``promotions`` are those that the situation allows."""

    def __init__(self, applying: Applying, promotions: Iterable[CompiledPromotion]) -> None:
        self.applying = applying
        ordered = sorted(promotions, key=lambda one: one.key)
        self.combinable = [one for one in ordered if one.promotion.group == "combinable"]
        self.best_deals = self._working(one for one in ordered if one.promotion.group == "best_deal")
        self.exclusive = self._working(one for one in ordered if one.promotion.group == "exclusive")
        self.best_deal = BestDeal(
            applying, monotonous=not any(one.after_discounts for one in (*self.combinable, *self.best_deals))
        )
        self.approximated = False
        #: never changed: combinations are copies
        self.start = Remaining(applying.basket.amounts, applying.basket.fees)

    def _working(self, promotions: Iterable[CompiledPromotion]) -> list[CompiledPromotion]:
        """Those that select a line at all."""
        return [one for one in promotions if self.applying.selection(one)]

    def best(self) -> Combination:
        """The combination for which the buyer pays least."""
        alone = [one for one in self.exclusive if one.promotion.merchant is None]
        found = [self._with_merchants()]
        found += [self._only(one) for one in alone]
        best = min(found, key=lambda one: (one.total, -one.gifts))
        return Combination(best, self.approximated or self.best_deal.approximated)

    def _only(self, one: CompiledPromotion) -> Remaining:
        application = self.applying.apply(one, self.start, self.applying.basket.all)
        return self.start if application is None else self.start.after([application])

    def _with_merchants(self) -> Remaining:
        choices: dict[str, list[CompiledPromotion | None]] = {}
        for one in self.exclusive:
            if one.promotion.merchant is not None:
                choices.setdefault(one.promotion.merchant, [None]).append(one)
        combinations = 1
        for options in choices.values():
            combinations *= len(options)
        if combinations > EXCLUSIVE_COMBINATIONS_MAX:
            self.approximated = True
            return self._one_after_the_other(list(choices.values()))
        found = [self._combined([one for one in chosen if one]) for chosen in product(*choices.values())]
        return min(found, key=lambda one: (one.total, -one.gifts))

    def _one_after_the_other(self, choices: Sequence[Sequence[CompiledPromotion | None]]) -> Remaining:
        chosen: list[CompiledPromotion] = []
        best = self._combined([])
        for options in choices:
            for one in options:
                tried = self._combined([*chosen, one]) if one else best
                if one and tried.total < best.total:
                    best, found = tried, one
                    chosen = [*(c for c in chosen if c.promotion.merchant != one.promotion.merchant), found]
        return best

    def _combined(self, exclusive: Sequence[CompiledPromotion]) -> Remaining:
        """These exclusive promotions of merchants, the best deal and everything combinable on the other lines."""
        state, open_mask = self.start.after(()), self.applying.basket.all
        for one in exclusive:
            application = self.applying.apply(one, state, open_mask)
            if application is None:
                continue
            state.take(application)
            open_mask &= ~self.applying.basket.of_merchant(one.promotion.merchant)
        outcomes = self._compared(self.best_deal.outcomes(state, self.best_deals, open_mask))
        finished = [self._stacked(one, open_mask) for one in outcomes]
        return min(finished, key=lambda one: (one.total, -one.gifts))

    def _compared(self, outcomes: list[Remaining]) -> list[Remaining]:
        """As many as may be compared; the others took less off."""
        compared_max = max(2, COMPARED_MAX // max(1, len(self.combinable)))
        if self.combinable and len(outcomes) > compared_max:
            self.approximated = True
            return sorted(outcomes, key=lambda one: one.total)[:compared_max]
        return outcomes

    def _stacked(self, state: Remaining, open_mask: int) -> Remaining:
        """Applies every combinable promotion to the state."""
        for one in self.combinable:
            application = self.applying.apply(one, state, open_mask)
            if application is not None:
                state.take(application)
        return state
