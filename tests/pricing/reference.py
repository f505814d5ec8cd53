"""A naive reference of the best deal: every order of every subset of promotions, on lists of single units.

It shares no code with the model: units are a list of prices per sku, discounts are computed in the simplest way.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

import msgspec


class NaivePromotion(msgspec.Struct, frozen=True):
    """``kind``: percent, fixed, three_for_two or order; on ``skus``; ``number`` is basis points or minor units."""

    kind: str
    skus: tuple[str, ...]
    number: int


#: Price of one unit and how many, per sku.
NaiveCart = dict[str, tuple[int, int]]


def naive_best_total(
    cart: NaiveCart,
    best_deals: Sequence[NaivePromotion],
    combinable: Sequence[NaivePromotion],
    exclusive: Sequence[NaivePromotion] = (),
) -> int:
    """The least that the buyer can pay: the best deal and everything combinable, or one exclusive promotion alone."""
    together = [_finished(cart, order, combinable) for order in _orders(best_deals)]
    return min([*together, *(_finished(cart, (one,), ()) for one in exclusive)])


def _orders(promotions: Sequence[NaivePromotion]) -> Iterator[tuple[NaivePromotion, ...]]:
    for size in range(len(promotions) + 1):
        yield from permutations(promotions, size)


def _finished(cart: NaiveCart, order: Sequence[NaivePromotion], combinable: Sequence[NaivePromotion]) -> int:
    costs = {sku: price * count for sku, (price, count) in cart.items()}
    untouched = set(cart)
    for one in order:
        skus = sorted(sku for sku in one.skus if sku in untouched)
        discount = _discounts(one, skus, costs, cart)
        if any(discount.values()):
            for sku, amount in discount.items():
                costs[sku] -= amount
            untouched -= set(skus)
    for one in combinable:
        for sku, amount in _discounts(one, sorted(set(one.skus) & set(cart)), costs, cart).items():
            costs[sku] -= amount
    return sum(costs.values())


def _discounts(one: NaivePromotion, skus: list[str], costs: dict[str, int], cart: NaiveCart) -> dict[str, int]:
    if one.kind == "fixed":
        return {sku: max(0, costs[sku] - one.number * cart[sku][1]) for sku in skus}
    if one.kind == "three_for_two":
        return _three_for_two(skus, costs, cart)
    whole = sum(costs[sku] for sku in skus)
    wanted = (whole * one.number * 2 + 10_000) // 20_000 if one.kind == "percent" else min(one.number, whole)
    return _shared(wanted, {sku: costs[sku] for sku in skus})


def _three_for_two(skus: list[str], costs: dict[str, int], cart: NaiveCart) -> dict[str, int]:
    """Only used where every unit of a sku still costs the same; of equal prices, the later sku is free."""
    units = sorted((-costs[sku] // cart[sku][1], sku) for sku in skus for _ in range(cart[sku][1]))
    found = dict.fromkeys(skus, 0)
    for group in range(len(units) // 3):
        price, sku = units[3 * group + 2]
        found[sku] -= price
    return found


def _shared(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """Largest remainder, one minor unit at a time."""
    whole = sum(weights.values())
    if whole == 0:
        return {}
    found = {sku: amount * weight // whole for sku, weight in weights.items()}
    order = sorted(weights, key=lambda sku: (-(amount * weights[sku] % whole), sku))
    for sku in order[: amount - sum(found.values())]:
        found[sku] += 1
    return found
