"""Redemptions alone, for a worker."""

import msgspec

from renga.domains.pricing.commit_redemption import commit_redemption
from renga.domains.pricing.contract import RedemptionHold
from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.redeem_promotions import redeem_promotions
from renga.domains.pricing.release_redemption import release_redemption


class KeptRedemptions(msgspec.Struct, frozen=True):
    """Implements ``contract.Redemptions``."""

    dependencies: RedemptionDependencies

    async def redeem(self, hold: RedemptionHold) -> None:
        await redeem_promotions(self.dependencies, hold)

    async def commit(self, key: str) -> None:
        await commit_redemption(self.dependencies, key)

    async def release(self, key: str) -> None:
        await release_redemption(self.dependencies, key)
