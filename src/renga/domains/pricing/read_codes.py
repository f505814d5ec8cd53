"""Use case: the batches of single-use codes of a promotion, and the codes of one."""

from renga.domains.pricing.contract import CODE_BATCHES_MAX, CodeBatch, CodeBatchNotFound
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.make_codes import made_codes
from renga.domains.pricing.model.coupon_codes import code_digest
from renga.domains.pricing.read_promotion import read_promotion
from renga.kernel.caller import Caller


async def list_batches(dependencies: PricingDependencies, caller: Caller, promotion_id: str) -> tuple[CodeBatch, ...]:
    """Raises PromotionNotFound."""
    promotion = await read_promotion(dependencies, caller, promotion_id)
    return tuple(await dependencies.codes.batches(promotion.id, CODE_BATCHES_MAX))


async def read_codes(
    dependencies: PricingDependencies, caller: Caller, promotion_id: str, batch_id: str
) -> tuple[str, ...]:
    """Raises PromotionNotFound, CodeBatchNotFound (also if the shop's secret is another one than when they were made)."""
    promotion = await read_promotion(dependencies, caller, promotion_id)
    stored = await dependencies.codes.batch(promotion.id, batch_id)
    if stored is None:
        raise CodeBatchNotFound(f"the promotion has no batch {batch_id[:100]!r}")
    codes = await made_codes(stored, dependencies.secret)
    if not await dependencies.codes.find([code_digest(codes[0])]):
        raise CodeBatchNotFound(
            "these codes were made with another secret of the shop; those that were given out stay valid"
        )
    return tuple(codes)
