"""What the use cases of pricing need."""

import msgspec

from renga.domains.pricing.current_rules import CurrentRules
from renga.domains.pricing.ports import (
    CodeStore,
    NewestCarts,
    OfferBook,
    OrderHistory,
    PromotionStore,
    RedemptionStore,
    RuleStore,
    ShippingRates,
    TaxProvider,
    VerifiedBuyers,
)
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


class PricingDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """Stores, what others know, the clock, the id source and the shop's secret (codes are derived from it)."""

    promotions: PromotionStore
    codes: CodeStore
    redemptions: RedemptionStore
    rule_store: RuleStore
    rules: CurrentRules
    offers: OfferBook
    buyers: VerifiedBuyers
    shipping: ShippingRates
    history: OrderHistory
    taxes: TaxProvider
    newest_carts: NewestCarts
    clock: Clock
    new_id: IdSource
    secret: bytes
