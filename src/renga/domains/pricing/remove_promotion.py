"""Use case: remove a promotion with its codes. Orders keep what they used."""

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import PromotionVersionMismatch
from renga.domains.pricing.contract.events import PromotionChanged
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.recording import event_of
from renga.domains.pricing.replace_promotion import TRIES_MAX, check_version
from renga.kernel.caller import Caller


async def remove_promotion(
    dependencies: PricingDependencies, caller: Caller, promotion_id: str, *, expected_version: int | None = None
) -> None:
    """Raises PromotionNotFound, PromotionVersionMismatch."""
    reach = reach_of(caller)
    for _ in range(TRIES_MAX):
        current = reach.checked(await dependencies.promotions.find(promotion_id), promotion_id)
        check_version(current, expected_version)
        fact = PromotionChanged(promotion_id=current.id, version=current.version + 1, removed=True)
        event = event_of(dependencies, fact, current.id, current.version + 1)
        if await dependencies.promotions.remove(current, event):
            return
    raise PromotionVersionMismatch("others change it all the time; try again", version=current.version)
