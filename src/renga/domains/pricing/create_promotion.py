"""Use case: create a promotion."""

import hashlib

import msgspec

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import Promotion, PromotionDraft
from renga.domains.pricing.contract.events import PromotionChanged
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.owning import owned_draft
from renga.domains.pricing.recording import event_of
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.once import Once


async def create_promotion(
    dependencies: PricingDependencies, caller: Caller, draft: PromotionDraft, *, key: str | None = None
) -> tuple[Promotion, bool]:
    """The promotion, and whether an earlier call with the key made it.

    Raises PromotionInvalid, CouponCodeTaken, IdempotencyConflict, Unauthenticated, InsufficientScope.
    """
    reach = reach_of(caller)
    once = once_of(caller, "promotions", key, draft)
    promotion = promotion_of(
        await owned_draft(dependencies, draft, reach), dependencies.new_id(), 1, rfc3339(dependencies.clock.now_ms())
    )
    fact = PromotionChanged(promotion_id=promotion.id, version=1)
    event = event_of(dependencies, fact, promotion.id, 1)
    made = await dependencies.promotions.create(promotion, event, once, dependencies.clock.now_ms())
    return made, once is not None and once.replay.happened


def promotion_of(draft: PromotionDraft, identifier: str, version: int, now: str, created: str = "") -> Promotion:
    """A draft as a promotion of this version."""
    members = {field: getattr(draft, field) for field in PromotionDraft.__struct_fields__}
    return Promotion(**members, id=identifier, version=version, created_at=created or now, updated_at=now)


def once_of(caller: Caller, what: str, key: str | None, request: object) -> Once | None:
    """The call's idempotency key, if it has one. Raises Unauthenticated."""
    if key is None:
        return None
    fingerprint = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).digest()
    return Once(scope=f"{caller.identified()} {what}", key=key, fingerprint=fingerprint)
