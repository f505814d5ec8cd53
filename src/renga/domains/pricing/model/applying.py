"""Applies one promotion to what is left after earlier ones: its conditions, its actions in their order, its caps."""

from collections.abc import Mapping
from typing import Any

from renga.domains.pricing.model import line_actions, unit_actions
from renga.domains.pricing.model.amounts import allocate
from renga.domains.pricing.model.basket import PromotionBasket
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.gift_stock import GiftStock
from renga.domains.pricing.model.remaining import AppliedPromotion, Remaining
from renga.domains.pricing.model.shipping_actions import shipping_discounts
from renga.domains.pricing.model.situation import Situation
from renga.domains.pricing.model.work import ActionWork, Discounts

ACTIONS: dict[str, Any] = {
    "percent": line_actions.percent,
    "amount": line_actions.amount,
    "fixed_price": line_actions.fixed_price,
    "tiers": line_actions.tiers,
    "buy_x_get_y": unit_actions.buy_x_get_y,
    "cheapest_free": unit_actions.cheapest_free,
    "bundle_price": unit_actions.bundle_price,
}


class Applying:
    """Applies promotions to one basket in one situation; ``give`` says how many units of a gift there are."""

    def __init__(self, basket: PromotionBasket, situation: Situation, gifts: Mapping[str, GiftStock]) -> None:
        self.basket = basket
        self.situation = situation
        self.gifts = gifts
        self._selections: dict[str, int] = {}

    def selection(self, compiled: CompiledPromotion) -> int:
        """Computed once per quote."""
        mask = self._selections.get(compiled.id)
        if mask is None:
            mask = self._selections[compiled.id] = compiled.selection(self.basket)
        return mask

    def apply(self, compiled: CompiledPromotion, remaining: Remaining, open_mask: int) -> AppliedPromotion | None:
        """What the promotion does to the lines of ``open_mask``; None if it does nothing."""
        selected = self.selection(compiled) & open_mask
        if not selected or not self._met(compiled, remaining, selected):
            return None
        items = self._on_items(compiled, remaining, selected, open_mask) if compiled.on_items else {}
        charges = self._on_charges(compiled, remaining, open_mask) if compiled.on_charges else {}
        items, charges = _capped(compiled, items, charges, self.situation.currency)
        gifts = self._given(compiled, remaining) if compiled.gifts else ()
        if not items and not charges and not gifts:
            return None
        discount = sum(items.values()) + sum(charges.values())
        return AppliedPromotion(compiled, items, charges, gifts, self._touched(compiled, selected, items), discount)

    def _touched(self, compiled: CompiledPromotion, selected: int, items: Discounts) -> int:
        if not compiled.on_items:
            return 0
        if not compiled.reaches_beyond:
            return selected
        mask = selected
        for position in items:
            mask |= 1 << position
        return mask

    def _met(self, compiled: CompiledPromotion, remaining: Remaining, selected: int) -> bool:
        basket, currency = self.basket, self.situation.currency
        if compiled.quantities:
            units = sum(basket.units[position] for position in basket.positions(selected))
            for one in compiled.quantities:
                if units < one.at_least or (one.at_most is not None and units > one.at_most):
                    return False
        for each in compiled.subtotals:
            amounts = basket.amounts if each.when == "before_discounts" else remaining.items
            mask = selected if each.of == "selected" else basket.of_merchant(compiled.promotion.merchant)
            amount = sum(amounts) if mask == basket.all else sum(amounts[p] for p in basket.positions(mask))
            if not _between(amount, each.at_least, each.at_most, currency):
                return False
        return True

    def _on_items(self, compiled: CompiledPromotion, remaining: Remaining, selected: int, open_mask: int) -> Discounts:
        promotion, found = compiled.promotion, Discounts()
        left = remaining.items if len(compiled.on_items) == 1 else list(remaining.items)
        work = ActionWork(
            self.basket, left, selected, open_mask & self.basket.of_merchant(promotion.merchant),
            self.situation.currency, margin=self._margin(compiled),
            applications_max=promotion.limits.applications_max,
        )  # fmt: skip
        for tag, action in compiled.on_items:
            taken = _within_capacity(ACTIONS[tag](action, work), work)
            if len(compiled.on_items) == 1:
                return taken
            for position, amount in taken.items():
                left[position] -= amount
                found[position] = found.get(position, 0) + amount
        return found

    def _margin(self, compiled: CompiledPromotion) -> int | None:
        own = compiled.promotion.limits.margin_basis_points_min
        general = self.situation.policy.margin_basis_points_min
        return max(own, general) if own is not None and general is not None else (general if own is None else own)

    def _on_charges(self, compiled: CompiledPromotion, remaining: Remaining, open_mask: int) -> Discounts:
        fees, found, merchant = list(remaining.fees), Discounts(), compiled.promotion.merchant
        for action in compiled.on_charges:
            touched = [
                position
                for position, charge in enumerate(self.basket.charges)
                if (merchant is None or charge.merchant == merchant)
                and (not action.options or charge.option in action.options)
                and (charge.merchant is None or self.basket.of_merchant(charge.merchant) & open_mask)
            ]
            for position, amount in shipping_discounts(action, fees, touched, self.situation.currency).items():
                if amount:
                    fees[position] -= amount
                    found[position] = found.get(position, 0) + amount
        return found

    def _given(self, compiled: CompiledPromotion, remaining: Remaining) -> tuple[tuple[str, int], ...]:
        """The gifts that there are enough units of, after those that earlier promotions gave."""
        merchant, given = compiled.promotion.merchant, []
        taken: dict[str, int] = {}
        for sku, units in (each for one in remaining.applied for each in one.gifts):
            taken[sku] = taken.get(sku, 0) + units * 1000
        for sku, units in compiled.gifts:
            stock = self.gifts.get(sku)
            if stock is None or merchant not in (None, stock.merchant):
                continue
            taken[sku] = taken.get(sku, 0) + units * 1000
            if stock.milli is None or taken[sku] <= stock.milli:
                given.append((sku, units))
        return tuple(given)


def _within_capacity(wanted: Discounts, work: ActionWork) -> Discounts:
    """Actions take no more off than there is left; a minimum margin may allow less."""
    if work.margin is not None:
        wanted = {position: min(amount, work.capacity(position)) for position, amount in wanted.items()}
    if 0 not in wanted.values():
        return wanted
    return {position: amount for position, amount in wanted.items() if amount}


def _between(amount: int, at_least: dict[str, int], at_most: dict[str, int] | None, currency: str) -> bool:
    if currency not in at_least or amount < at_least[currency]:
        return False
    return at_most is None or (currency in at_most and amount <= at_most[currency])


def _capped(
    compiled: CompiledPromotion, items: Discounts, charges: Discounts, currency: str
) -> tuple[Discounts, Discounts]:
    """Reduced in proportion to the most that one order may get. A cap that does not name the currency allows nothing."""
    cap = compiled.promotion.limits.amount_max
    if cap is None:
        return items, charges
    amounts = [*items.values(), *charges.values()]
    most = cap.get(currency, 0)
    if not amounts or sum(amounts) <= most:
        return items, charges
    parts = allocate(most, amounts)
    first = {position: part for position, part in zip(items, parts[: len(items)], strict=True) if part}
    rest = {position: part for position, part in zip(charges, parts[len(items) :], strict=True) if part}
    return first, rest
