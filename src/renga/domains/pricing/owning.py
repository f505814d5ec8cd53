"""Whose a promotion is, and who bears it: a merchant gives away only what is theirs."""

import msgspec

from renga.domains.pricing.access import PromotionReach
from renga.domains.pricing.contract import GiftLine, PromotionDraft, PromotionInvalid
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.promotion_rules import checked_promotion
from renga.kernel.buyer_terms import BuyerTerms

#: Any currency: only the merchant of a gift is looked at.
_ANY_TERMS = BuyerTerms(currency="BRL")


async def owned_draft(
    dependencies: PricingDependencies, draft: PromotionDraft, reach: PromotionReach
) -> PromotionDraft:
    """The draft with its merchant and bearer; its gifts are the merchant's. Raises PromotionInvalid."""
    if not reach.every:
        merchant = draft.merchant or reach.only
        if merchant is None or not reach.covers(merchant):
            raise PromotionInvalid([("merchant", "is one of your merchants")])
        draft = msgspec.structs.replace(draft, merchant=merchant, funded_by="merchant")
    checked_promotion(draft)
    await _check_gifts(dependencies, draft)
    return draft


async def _check_gifts(dependencies: PricingDependencies, draft: PromotionDraft) -> None:
    gifts = {(n, one.sku) for n, one in enumerate(draft.actions) if isinstance(one, GiftLine)}
    if draft.merchant is None or not gifts:
        return
    skus = sorted({sku for _, sku in gifts})
    now_ms = dependencies.clock.now_ms()
    offers = await dependencies.offers.offers(skus, _ANY_TERMS, now_ms=now_ms)
    problems = [
        (f"actions[{number}].sku", "is sold by the merchant of the promotion")
        for number, sku in sorted(gifts)
        if sku not in offers or offers[sku].merchant != draft.merchant
    ]
    if problems:
        raise PromotionInvalid(problems)
