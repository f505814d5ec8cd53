"""The contracts in this process."""

import msgspec

from renga.domains.cart.contract import Carts
from renga.domains.pricing import keep_policy, keep_tax_tables, read_codes
from renga.domains.pricing.commit_redemption import commit_redemption
from renga.domains.pricing.contract import (
    DRY_RUN_CARTS_MAX,
    CodeBatch,
    CodeBatchDraft,
    DryRun,
    EstimateRequest,
    PricingPolicy,
    Promotion,
    PromotionConflict,
    PromotionDraft,
    PromotionPage,
    Quote,
    QuoteRequest,
    RedemptionHold,
    TaxTables,
)
from renga.domains.pricing.create_promotion import create_promotion
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.dry_run import dry_run
from renga.domains.pricing.estimate_cart import estimate_cart
from renga.domains.pricing.list_conflicts import list_conflicts
from renga.domains.pricing.list_promotions import list_promotions
from renga.domains.pricing.make_codes import make_codes
from renga.domains.pricing.quote_lines import quote_lines
from renga.domains.pricing.read_promotion import read_promotion
from renga.domains.pricing.redeem_promotions import redeem_promotions
from renga.domains.pricing.release_redemption import release_redemption
from renga.domains.pricing.remove_promotion import remove_promotion
from renga.domains.pricing.replace_promotion import replace_promotion
from renga.domains.pricing.seed_demo import seed_demo
from renga.kernel.caller import Caller


class LocalPricing(msgspec.Struct, frozen=True):
    """Implements ``contract.Pricing`` and ``contract.PricingManagement``."""

    dependencies: PricingDependencies
    carts: Carts

    async def quote(self, request: QuoteRequest) -> Quote:
        return await quote_lines(self.dependencies, request)

    async def estimate(self, caller: Caller, cart_id: str, request: EstimateRequest) -> Quote:
        return await estimate_cart(self.dependencies, self.carts, caller, cart_id, request)

    async def redeem(self, hold: RedemptionHold) -> None:
        await redeem_promotions(self.dependencies, hold)

    async def commit(self, key: str) -> None:
        await commit_redemption(self.dependencies, key)

    async def release(self, key: str) -> None:
        await release_redemption(self.dependencies, key)

    async def promotions(self, caller: Caller, *, limit: int = 20, cursor: str | None = None) -> PromotionPage:
        return await list_promotions(self.dependencies, caller, limit=limit, cursor=cursor)

    async def promotion(self, caller: Caller, promotion_id: str) -> Promotion:
        return await read_promotion(self.dependencies, caller, promotion_id)

    async def create_promotion(
        self, caller: Caller, draft: PromotionDraft, *, key: str | None = None
    ) -> tuple[Promotion, bool]:
        return await create_promotion(self.dependencies, caller, draft, key=key)

    async def replace_promotion(
        self, caller: Caller, promotion_id: str, draft: PromotionDraft, *, expected_version: int | None = None
    ) -> Promotion:
        return await replace_promotion(
            self.dependencies, caller, promotion_id, draft, expected_version=expected_version
        )

    async def remove_promotion(self, caller: Caller, promotion_id: str, *, expected_version: int | None = None) -> None:
        await remove_promotion(self.dependencies, caller, promotion_id, expected_version=expected_version)

    async def make_codes(
        self, caller: Caller, promotion_id: str, draft: CodeBatchDraft, *, key: str | None = None
    ) -> tuple[CodeBatch, bool]:
        return await make_codes(self.dependencies, caller, promotion_id, draft, key=key)

    async def code_batches(self, caller: Caller, promotion_id: str) -> tuple[CodeBatch, ...]:
        return await read_codes.list_batches(self.dependencies, caller, promotion_id)

    async def codes(self, caller: Caller, promotion_id: str, batch_id: str) -> tuple[str, ...]:
        return await read_codes.read_codes(self.dependencies, caller, promotion_id, batch_id)

    async def dry_run(self, caller: Caller, draft: PromotionDraft, *, carts: int = DRY_RUN_CARTS_MAX) -> DryRun:
        return await dry_run(self.dependencies, caller, draft, carts=carts)

    async def conflicts(self, caller: Caller) -> tuple[PromotionConflict, ...]:
        return await list_conflicts(self.dependencies, caller)

    async def conflicts_of(self, caller: Caller, draft: PromotionDraft) -> tuple[PromotionConflict, ...]:
        return await list_conflicts(self.dependencies, caller, draft)

    async def tax_tables(self, caller: Caller) -> TaxTables:
        return await keep_tax_tables.read_tax_tables(self.dependencies, caller)

    async def replace_tax_tables(
        self, caller: Caller, tables: TaxTables, *, expected_version: int | None = None
    ) -> TaxTables:
        return await keep_tax_tables.replace_tax_tables(
            self.dependencies, caller, tables, expected_version=expected_version
        )

    async def policy(self, caller: Caller, channel: str) -> PricingPolicy:
        return await keep_policy.read_policy(self.dependencies, caller, channel)

    async def replace_policy(self, caller: Caller, channel: str, policy: PricingPolicy) -> PricingPolicy:
        return await keep_policy.replace_policy(self.dependencies, caller, channel, policy)

    async def seed_demo(self, merchant: str | None) -> int:
        return await seed_demo(self.dependencies, merchant)
