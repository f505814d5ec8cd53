"""Use case: redemptions forget who they were for. Uses in all stay counted, those of the person are deleted."""

from renga.domains.pricing.dependencies import RedemptionDependencies


async def erase_customer(dependencies: RedemptionDependencies, customer: str) -> None:
    """Idempotent. Raises Unavailable."""
    await dependencies.redemptions.erase(customer)
