"""Use case: the order is placed, its uses of promotions count for good."""

from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.recording import EventsOfRedemption


async def commit_redemption(dependencies: RedemptionDependencies, key: str) -> None:
    """Idempotent; also after the deadline, if the sweeper was not faster. Raises RedemptionNotFound, RedemptionEnded."""
    await dependencies.redemptions.commit(key, EventsOfRedemption(dependencies, key))
