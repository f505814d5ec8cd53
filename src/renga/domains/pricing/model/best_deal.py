"""The best deal: of the promotions of this group, each line gets at most one; which, and in which order, so that the buyer
pays least in the end.

Promotions that share no line are independent: each such component is searched on its own. A component of at most
BEST_DEAL_EXACT_MAX promotions is searched completely (every order of every subset), a larger one by always taking the largest
discount next; the quote then says ``approximated``.
"""

from collections.abc import Sequence

from renga.domains.pricing.model.applying import Applying
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.remaining import AppliedPromotion, Remaining

#: Promotions of one component that are searched completely.
BEST_DEAL_EXACT_MAX = 5
#: Outcomes that are kept for the final comparison, in which the combinable promotions count too.
OUTCOMES_MAX = 64

#: Applications in their order.
Chosen = tuple[AppliedPromotion, ...]


class BestDeal:
    """``monotonous``: whoever has less left on every line also pays less in the end (no condition looks at discounts)."""

    def __init__(self, applying: Applying, *, monotonous: bool) -> None:
        self.applying = applying
        self.monotonous = monotonous
        self.approximated = False
        self._cache: dict[tuple[object, ...], AppliedPromotion | None] = {}

    def outcomes(self, start: Remaining, promotions: Sequence[CompiledPromotion], open_mask: int) -> list[Remaining]:
        """Outcomes of which one is best; the start itself if there is no such promotion."""
        found: list[Chosen] = [()]
        for component in self._components(promotions, open_mask):
            chosen = self._searched(start, component, open_mask)
            found = [(*before, *more) for before in found for more in chosen]
            if len(found) > OUTCOMES_MAX:
                self.approximated = True
                found = sorted(found, key=_discount, reverse=True)[:OUTCOMES_MAX]
        return [start.after(one) for one in found]

    def _components(self, promotions: Sequence[CompiledPromotion], open_mask: int) -> list[list[CompiledPromotion]]:
        components: list[tuple[int, list[CompiledPromotion]]] = []
        for one in promotions:
            # who touches more than the selected lines, or looks at discounts, depends on everything
            plain = self.monotonous and not one.reaches_beyond
            mask = self.applying.selection(one) & open_mask if plain else self.applying.basket.all
            members, apart = [one], []
            for other, others in components:
                if other & mask:
                    mask, members = mask | other, [*others, *members]
                else:
                    apart.append((other, others))
            components = [*apart, (mask, members)]
        return [members for _, members in components]

    def _searched(self, start: Remaining, promotions: list[CompiledPromotion], open_mask: int) -> list[Chosen]:
        if len(promotions) == 1:
            alone = self._applied(promotions[0], start, (), open_mask)
            both: list[Chosen] = [()] if alone is None else [(alone,), ()]
            return both[:1] if self.monotonous else both
        if len(promotions) > BEST_DEAL_EXACT_MAX:
            self.approximated = True
            return [self._greedy(start, promotions, open_mask)]
        found: dict[frozenset[AppliedPromotion], Chosen] = {}
        self._explore(start, promotions, (), open_mask, found)
        return _undominated(list(found.values())) if self.monotonous else list(found.values())

    def _explore(
        self,
        start: Remaining,
        promotions: Sequence[CompiledPromotion],
        chosen: Chosen,
        open_mask: int,
        found: dict[frozenset[AppliedPromotion], Chosen],
    ) -> None:
        """Applications are cached, so equal sets of them are equal outcomes."""
        key = frozenset(chosen)
        if key in found:
            return
        found[key] = chosen
        for one in promotions:
            if all(one is not each.compiled for each in chosen):
                application = self._applied(one, start, chosen, open_mask)
                if application is not None:
                    rest = open_mask & ~application.touched
                    self._explore(start, promotions, (*chosen, application), rest, found)

    def _applied(
        self, one: CompiledPromotion, start: Remaining, chosen: Chosen, open_mask: int
    ) -> AppliedPromotion | None:
        mask = open_mask if one.reaches_beyond else open_mask & self.applying.selection(one)
        # lines that are open cost what they did at the start; only deliveries, gifts and discounts so far may differ
        plain = not (one.on_charges or one.gifts or one.after_discounts)
        key = (start, one.id, mask, () if plain else chosen)
        if key not in self._cache:
            state = start if plain else start.after(chosen)
            self._cache[key] = self.applying.apply(one, state, open_mask)
        return self._cache[key]

    def _greedy(self, start: Remaining, promotions: Sequence[CompiledPromotion], open_mask: int) -> Chosen:
        left = list(promotions)
        chosen: Chosen = ()
        while left:
            tried = [(one, self._applied(one, start, chosen, open_mask)) for one in left]
            working = [(one, application) for one, application in tried if application is not None]
            if not working:
                break
            best, application = max(working, key=lambda each: each[1].discount)
            chosen = (*chosen, application)
            open_mask &= ~application.touched
            left = [one for one, _ in working if one is not best]
        return chosen


def _discount(chosen: Chosen) -> int:
    return sum(one.discount for one in chosen)


def _undominated(outcomes: list[Chosen]) -> list[Chosen]:
    """Without outcomes that take no more off any line or delivery than another one, and give no more."""
    kept: list[tuple[dict[tuple[str, object], int], Chosen]] = []
    for chosen in sorted(outcomes, key=_discount, reverse=True):
        worth = _worth(chosen)
        if not any(all(other.get(key, 0) >= amount for key, amount in worth.items()) for other, _ in kept):
            kept.append((worth, chosen))
    return [chosen for _, chosen in kept]


def _worth(chosen: Chosen) -> dict[tuple[str, object], int]:
    worth: dict[tuple[str, object], int] = {}
    for one in chosen:
        parts = (
            *((("item", position), amount) for position, amount in one.items.items()),
            *((("charge", position), amount) for position, amount in one.charges.items()),
            *((("gift", sku), units) for sku, units in one.gifts),
        )
        for key, amount in parts:
            worth[key] = worth.get(key, 0) + amount
    return worth
