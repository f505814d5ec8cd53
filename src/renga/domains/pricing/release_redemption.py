"""Use case: a checkout is dead, its uses of promotions are free again."""

from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.recording import EventsOfRedemption
from renga.domains.pricing.redeem_promotions import checked_key


async def release_redemption(dependencies: RedemptionDependencies, key: str) -> None:
    """Idempotent; an unknown key can never be redeemed after it. Raises RedemptionEnded, Invalid."""
    events = EventsOfRedemption(dependencies, checked_key(key))
    await dependencies.redemptions.release(key, events, dependencies.clock.now_ms())
