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


class RedemptionDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """What redemptions need; a worker has no more."""

    redemptions: RedemptionStore
    clock: Clock
    new_id: IdSource


class PricingDependencies(RedemptionDependencies, frozen=True, kw_only=True):
    """And what quotes and management need. Codes are derived from the shop's ``secret``."""

    promotions: PromotionStore
    codes: CodeStore
    rule_store: RuleStore
    rules: CurrentRules
    offers: OfferBook
    buyers: VerifiedBuyers
    shipping: ShippingRates
    history: OrderHistory
    taxes: TaxProvider
    newest_carts: NewestCarts
    secret: bytes
