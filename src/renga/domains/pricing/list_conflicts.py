"""Use case: which promotions meet each other."""

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import PromotionConflict, PromotionDraft
from renga.domains.pricing.create_promotion import promotion_of
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.conflicts import CONFLICTS_MAX, conflict_steps
from renga.domains.pricing.owning import owned_draft
from renga.kernel.caller import Caller
from renga.platform.yielding import Yielding

#: How a draft that has no id yet is named in the report; it stands first.
DRAFT = "draft"


async def list_conflicts(
    dependencies: PricingDependencies, caller: Caller, draft: PromotionDraft | None = None
) -> tuple[PromotionConflict, ...]:
    """Among the active promotions that the caller keeps, or of a draft with them: at most CONFLICTS_MAX, the first by id.

    Raises PromotionInvalid.
    """
    reach = reach_of(caller)
    index = (await dependencies.rules.now()).index
    own = [one for one in index.by_id.values() if reach.covers(one.promotion.merchant)]
    tried = None
    if draft is not None:
        tried = CompiledPromotion(promotion_of(await owned_draft(dependencies, draft, reach), DRAFT, 1, ""))
    found: list[PromotionConflict] = []
    pause = Yielding()
    for step in conflict_steps(own, of=tried):
        found += step
        if len(found) >= CONFLICTS_MAX:
            break
        await pause.turn()
    return tuple(found[:CONFLICTS_MAX])
