"""Use case: one promotion."""

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import Promotion
from renga.domains.pricing.dependencies import PricingDependencies
from renga.kernel.caller import Caller


async def read_promotion(dependencies: PricingDependencies, caller: Caller, promotion_id: str) -> Promotion:
    """Raises PromotionNotFound, Unauthenticated, InsufficientScope."""
    reach = reach_of(caller)
    return reach.checked(await dependencies.promotions.find(promotion_id), promotion_id)
