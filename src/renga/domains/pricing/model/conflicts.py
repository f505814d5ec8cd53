"""Which promotions get in each other's way: a report for merchants, from the promotions alone (no cart)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from renga.domains.pricing.contract import PercentOff, Promotion, PromotionConflict
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.promotion_index import normalised_code

#: Pairs that are reported; a shop with more has other problems.
CONFLICTS_MAX = 1_000
#: Pairs that are compared without giving way.
PAIRS_PER_STEP = 200
#: Kinds of conditions of which a line meets one value only: sku, product, brand.
DISJOINT_KINDS = "spb"


def promotion_conflicts(
    promotions: Iterable[Promotion], *, of: Promotion | None = None
) -> tuple[PromotionConflict, ...]:
    """Conflicts between any two active promotions whose times overlap, by their ids; ``of``: only this one's with others."""
    compiled = [CompiledPromotion(one) for one in promotions if one.active]
    steps = conflict_steps(compiled, of=None if of is None else CompiledPromotion(of))
    return tuple(islice((one for step in steps for one in step), CONFLICTS_MAX))


def conflict_steps(
    promotions: Iterable[CompiledPromotion], *, of: CompiledPromotion | None = None
) -> Iterator[list[PromotionConflict]]:
    """The same piece by piece, PAIRS_PER_STEP pairs at a time, so that whoever asks for many can give way in between.

    Promotions on other skus (products, brands) are not even compared; of the rest each is compared with each.
    """
    ordered = sorted(promotions, key=lambda one: one.id)
    pairs = _pairs(ordered) if of is None else ((of, other) for other in ordered if other.id != of.id)
    while step := list(islice(pairs, PAIRS_PER_STEP)):
        yield [found for first, second in step if _at_once(first, second) for found in _between(first, second)]


def _pairs(ordered: Sequence[CompiledPromotion]) -> Iterator[tuple[CompiledPromotion, CompiledPromotion]]:
    """Pairs that may meet, each once, the smaller id first."""
    anchors = [_anchor(one) for one in ordered]
    by_token: dict[str, list[int]] = {}
    by_kind: dict[str, list[int]] = {}
    for place, (kind, tokens) in enumerate(anchors):
        by_kind.setdefault(kind, []).append(place)
        for token in {*tokens, *_code_tokens(ordered[place])}:
            by_token.setdefault(token, []).append(place)
    for place, one in enumerate(ordered):
        kind, tokens = anchors[place]
        reached = [by_token[token] for token in (*tokens, *_code_tokens(one))]
        reached += [places for other, places in by_kind.items() if other != kind or not kind]
        later = {other for places in reached for other in places[bisect_right(places, place) :]}
        for other in sorted(later):
            yield one, ordered[other]


def _anchor(one: CompiledPromotion) -> tuple[str, tuple[str, ...]]:
    """A condition that only shares lines with others of its kind through its tokens; no kind: there is none."""
    for tokens, exclude in one.selectors:
        if not exclude and tokens[0][0] in DISJOINT_KINDS:
            return tokens[0][:2], tuple(dict.fromkeys(tokens))
    return "", ()


def _code_tokens(one: CompiledPromotion) -> list[str]:
    return [f"code {normalised_code(code)}" for code in one.promotion.codes]


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
            same_kind = tokens[0][:2] == others[0][:2] and tokens[0][0] in DISJOINT_KINDS
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
