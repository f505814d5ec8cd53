"""Which promotions a caller may manage: those of their merchants, or every one. Others are "not found"."""

import msgspec

from renga.domains.pricing.contract import ALL_PRICING, ALL_PROMOTIONS, OWN_PROMOTIONS, Promotion, PromotionNotFound
from renga.kernel.caller import Caller


class PromotionReach(msgspec.Struct, frozen=True):
    """The merchants whose promotions a caller keeps; with ``every`` all merchants' and the shop's."""

    merchants: frozenset[str]
    every: bool = False

    def covers(self, merchant: str | None) -> bool:
        """``merchant`` None: the shop's own."""
        return self.every or merchant in self.merchants

    @property
    def only(self) -> str | None:
        """The merchant of new promotions: the caller's, if there is exactly one."""
        return next(iter(self.merchants)) if not self.every and len(self.merchants) == 1 else None

    @property
    def listed(self) -> frozenset[str] | None:
        """The merchants to list; None: all, and the shop."""
        return None if self.every else self.merchants

    def checked(self, promotion: Promotion | None, promotion_id: str) -> Promotion:
        """Raises PromotionNotFound."""
        if promotion is None or not self.covers(promotion.merchant):
            raise PromotionNotFound(f"there is no promotion {promotion_id[:100]!r}")
        return promotion


EVERY_PROMOTION = PromotionReach(frozenset(), every=True)


def reach_of(caller: Caller) -> PromotionReach:
    """Every promotion with ALL_PROMOTIONS, and for programs with OWN_PROMOTIONS, which belong to no merchant.

    Raises Unauthenticated, InsufficientScope.
    """
    caller.require(OWN_PROMOTIONS, ALL_PROMOTIONS)
    if caller.program or caller.may(ALL_PROMOTIONS):
        return EVERY_PROMOTION
    return PromotionReach(caller.merchants)


def check_rules(caller: Caller) -> None:
    """Taxes and the rules of quotes belong to the whole shop. Raises Unauthenticated, InsufficientScope."""
    caller.require(ALL_PRICING)
