"""Which promotions get in each other's way: a report for merchants, from the promotions alone (no cart)."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from renga.domains.pricing.contract import PercentOff, Promotion, PromotionConflict
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.promotion_index import normalised_code

#: Pairs that are reported; a shop with more has other problems.
CONFLICTS_MAX = 1_000


def promotion_conflicts(
    promotions: Iterable[Promotion], *, of: Promotion | None = None
) -> tuple[PromotionConflict, ...]:
    """Conflicts between any two active promotions whose times overlap, by their ids; ``of``: only those of this one with others.

    The time grows with the square of their number, with ``of`` only with their number.
    """
    found: list[PromotionConflict] = []
    for first, second in _pairs(promotions, of):
        if _at_once(first, second):
            found += _between(first, second)
        if len(found) >= CONFLICTS_MAX:
            break
    return tuple(found[:CONFLICTS_MAX])


def _pairs(
    promotions: Iterable[Promotion], of: Promotion | None
) -> Iterable[tuple[CompiledPromotion, CompiledPromotion]]:
    compiled = [CompiledPromotion(one) for one in sorted(promotions, key=lambda one: one.id) if one.active]
    if of is None:
        return combinations(compiled, 2)
    own = CompiledPromotion(of)
    return ((own, other) for other in compiled if other.id != of.id)


def _at_once(first: CompiledPromotion, second: CompiledPromotion) -> bool:
    begins_late = first.ends_ms is not None and second.starts_ms is not None and first.ends_ms <= second.starts_ms
    begins_first = second.ends_ms is not None and first.starts_ms is not None and second.ends_ms <= first.starts_ms
    return not begins_late and not begins_first


def _between(first: CompiledPromotion, second: CompiledPromotion) -> Iterator[PromotionConflict]:
    one, other = first.promotion, second.promotion
    pair = (one.id, other.id)
    codes = {normalised_code(code) for code in one.codes} & {normalised_code(code) for code in other.codes}
    if codes:
        yield PromotionConflict(kind="same_code", promotions=pair, text=", ".join(sorted(codes)))
    if not _may_share_lines(first, second):
        return
    groups = {one.group, other.group}
    if "exclusive" in groups or groups == {"best_deal"}:
        yield PromotionConflict(kind="never_together", promotions=pair)
        shadowed = _shadowed(first, second) or _shadowed(second, first)
        if shadowed:
            yield PromotionConflict(kind="shadowed", promotions=shadowed)
    elif first.on_items and second.on_items:
        yield PromotionConflict(kind="stacks", promotions=pair)


def _may_share_lines(first: CompiledPromotion, second: CompiledPromotion) -> bool:
    """Unless they are of different merchants, or want different values of the same thing."""
    merchants = {first.promotion.merchant, second.promotion.merchant} - {None}
    if len(merchants) > 1:
        return False
    for tokens, exclude in first.selectors:
        for others, excluded in second.selectors:
            same_kind = tokens[0][:2] == others[0][:2] and tokens[0][0] in "spb"
            if same_kind and not exclude and not excluded and set(tokens).isdisjoint(others):
                return False
    return True


def _shadowed(strong: CompiledPromotion, weak: CompiledPromotion) -> tuple[str, str] | None:
    """Both are a plain percentage under the same conditions, and only one is the larger."""
    better, worse = strong.promotion, weak.promotion
    same = better.conditions == worse.conditions and better.merchant == worse.merchant
    if not same or better.group != worse.group or strong.needs_code or better.limits != worse.limits:
        return None
    first, second = better.actions, worse.actions
    if len(first) == len(second) == 1 and isinstance(first[0], PercentOff) and isinstance(second[0], PercentOff):
        return (better.id, worse.id) if first[0].basis_points > second[0].basis_points else None
    return None
