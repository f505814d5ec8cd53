"""Codes that the buyer gave: which promotions they add, and why the others are refused."""

from collections.abc import Sequence
from typing import get_args

import msgspec

from renga.domains.pricing.contract import CouponClaim, CouponRefusal, QuoteCoupon
from renga.domains.pricing.model.applying import Applying
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.promotion_index import PromotionIndex, normalised_code
from renga.domains.pricing.model.remaining import Remaining
from renga.domains.pricing.model.situation import Situation

_REFUSALS: tuple[str, ...] = get_args(CouponRefusal)


class FoundCoupon(msgspec.Struct, frozen=True):
    """A code with its promotion, or the reason why it has none."""

    code: str
    compiled: CompiledPromotion | None = None
    refused: CouponRefusal | None = None


def found_coupons(claims: Sequence[CouponClaim], index: PromotionIndex, situation: Situation) -> list[FoundCoupon]:
    """Each code once, in the order of the codes; a promotion is found by the first of its codes."""
    distinct = {normalised_code(claim.code): claim for claim in reversed(claims)}
    found: list[FoundCoupon] = []
    for key in sorted(distinct):
        one = _found(distinct[key], index, situation)
        taken = one.compiled is not None and any(other.compiled is one.compiled for other in found)
        found.append(FoundCoupon(one.code, None, "coupon_not_combinable") if taken else one)
    return found


def _found(claim: CouponClaim, index: PromotionIndex, situation: Situation) -> FoundCoupon:
    code = claim.code.strip()
    if claim.refused is not None:
        known = claim.refused if claim.refused in _REFUSALS else "coupon_unknown"
        return FoundCoupon(code, None, msgspec.convert(known, CouponRefusal))
    compiled = index.of_coupon(claim)
    if compiled is None:
        return FoundCoupon(code, None, "coupon_unknown")
    if not compiled.started(situation.now_ms):
        return FoundCoupon(code, None, "coupon_not_started")
    if compiled.ended(situation.now_ms):
        return FoundCoupon(code, None, "coupon_expired")
    if compiled.id in situation.history.exhausted:
        return FoundCoupon(code, None, "coupon_exhausted")
    if not compiled.fits(situation):
        return FoundCoupon(code, None, "coupon_conditions_not_met")
    return FoundCoupon(code, compiled)


def answered(coupons: Sequence[FoundCoupon], applying: Applying, used: Remaining) -> tuple[QuoteCoupon, ...]:
    """What became of each code."""
    applied = {one.compiled.id for one in used.applied}
    start = Remaining(applying.basket.amounts, applying.basket.fees)
    answers = []
    for coupon in coupons:
        compiled, refused = coupon.compiled, coupon.refused
        if compiled is not None and compiled.id not in applied:
            alone = applying.apply(compiled, start, applying.basket.all)
            refused = "coupon_conditions_not_met" if alone is None else "coupon_not_combinable"
        used_by = compiled.id if compiled is not None and refused is None else None
        answers.append(QuoteCoupon(code=coupon.code, promotion=used_by, refused=refused))
    return tuple(answers)
