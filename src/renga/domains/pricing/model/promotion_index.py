"""Active promotions, found by what they need: of 1,000, a quote looks at the few that its lines or its buyer can reach."""

from collections.abc import Iterable
from unicodedata import normalize

from renga.domains.pricing.contract import CouponClaim, Promotion
from renga.domains.pricing.model.basket import PromotionBasket
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.situation import Situation


def normalised_code(code: str) -> str:
    """Codes are compared without regard to case and surrounding space, and however a keyboard writes its letters (NFKC)."""
    if code.isascii():
        return code.strip().lower()
    return normalize("NFKC", normalize("NFKC", code).casefold()).strip()


class PromotionIndex:
    """Built once for a set of promotions, used by many quotes."""

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        self.by_id = {one.id: CompiledPromotion(one) for one in promotions if one.active}
        self.by_code: dict[str, CompiledPromotion] = {}
        self._always: list[CompiledPromotion] = []
        self._by_token: dict[str, list[CompiledPromotion]] = {}
        for compiled in self.by_id.values():
            for code in compiled.promotion.codes:
                self.by_code.setdefault(normalised_code(code), compiled)
            if not compiled.needs_code:
                self._file(compiled)

    def _file(self, compiled: CompiledPromotion) -> None:
        tokens = compiled.index_tokens()
        if not tokens:
            self._always.append(compiled)
        for token in tokens:
            self._by_token.setdefault(token, []).append(compiled)

    def automatic(self, basket: PromotionBasket, situation: Situation) -> list[CompiledPromotion]:
        """Promotions without codes that this quote can reach; most others are not even looked at."""
        found = {one.id: one for one in self._always}
        for token in self._by_token.keys() & (basket.tokens.keys() | situation.tokens()):
            for one in self._by_token[token]:
                found[one.id] = one
        return list(found.values())

    def of_coupon(self, claim: CouponClaim) -> CompiledPromotion | None:
        """The promotion of a code, if it is active."""
        if claim.promotion is not None:
            return self.by_id.get(claim.promotion)
        return self.by_code.get(normalised_code(claim.code))


#: No promotions.
NO_PROMOTIONS = PromotionIndex(())
