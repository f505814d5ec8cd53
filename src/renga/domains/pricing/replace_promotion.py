"""Use case: replace a promotion by another version of it."""

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import Promotion, PromotionDraft, PromotionVersionMismatch
from renga.domains.pricing.contract.events import PromotionChanged
from renga.domains.pricing.create_promotion import promotion_of
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.owning import owned_draft
from renga.domains.pricing.recording import event_of
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339

#: Writes without an expected version begin again if another write was faster.
TRIES_MAX = 5


async def replace_promotion(
    dependencies: PricingDependencies,
    caller: Caller,
    promotion_id: str,
    draft: PromotionDraft,
    *,
    expected_version: int | None = None,
) -> Promotion:
    """Raises PromotionNotFound, PromotionInvalid, CouponCodeTaken, PromotionVersionMismatch."""
    reach = reach_of(caller)
    draft = await owned_draft(dependencies, draft, reach)
    for _ in range(TRIES_MAX):
        current = reach.checked(await dependencies.promotions.find(promotion_id), promotion_id)
        check_version(current, expected_version)
        now = rfc3339(dependencies.clock.now_ms())
        changed = promotion_of(draft, current.id, current.version + 1, now, current.created_at)
        fact = PromotionChanged(promotion_id=current.id, version=changed.version)
        if await dependencies.promotions.replace(changed, event_of(dependencies, fact, current.id, changed.version)):
            return changed
    raise PromotionVersionMismatch("others change it all the time; try again", version=current.version)


def check_version(promotion: Promotion, expected_version: int | None) -> None:
    """Raises PromotionVersionMismatch."""
    if expected_version is not None and expected_version != promotion.version:
        raise PromotionVersionMismatch(f"it is at version {promotion.version}", version=promotion.version)
