"""Use case: which promotions meet each other."""

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import PromotionConflict, PromotionDraft
from renga.domains.pricing.create_promotion import promotion_of
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.conflicts import promotion_conflicts
from renga.domains.pricing.owning import owned_draft
from renga.kernel.caller import Caller

#: How a draft that has no id yet is named in the report; it stands first.
DRAFT = "draft"


async def list_conflicts(
    dependencies: PricingDependencies, caller: Caller, draft: PromotionDraft | None = None
) -> tuple[PromotionConflict, ...]:
    """Among the active promotions that the caller keeps, or of a draft with them. Raises PromotionInvalid."""
    reach = reach_of(caller)
    rules = (await dependencies.rules.now()).rules
    own = [one for one in rules.promotions if reach.covers(one.merchant)]
    if draft is None:
        return promotion_conflicts(own)
    tried = promotion_of(await owned_draft(dependencies, draft, reach), DRAFT, 1, "")
    pairs = (found for one in own for found in promotion_conflicts([one, tried]))
    return tuple(pairs)
