"""Events of pricing, as envelopes."""

from typing import Any

import msgspec

from renga.domains.pricing.contract.events import PromotionExhausted, PromotionsRedeemed, PromotionsReleased
from renga.domains.pricing.dependencies import PricingDependencies
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact

SOURCE = "renga/pricing"


def event_of(dependencies: PricingDependencies, fact: Fact, subject: str, sequence: int | None = None) -> Event:
    """The fact as an event that happens now."""
    more: dict[str, Any] = {} if sequence is None else {"sequence": sequence}
    return Event(
        id=dependencies.new_id(), source=SOURCE, type=fact.TYPE, subject=subject,
        time=rfc3339(dependencies.clock.now_ms()), data=msgspec.to_builtins(fact), **more,
    )  # fmt: skip


class EventsOfRedemption(msgspec.Struct, frozen=True):
    """Implements ``ports.RedemptionEvents``."""

    dependencies: PricingDependencies
    key: str

    def exhausted(self, promotion: str, uses: int) -> Event:
        return event_of(self.dependencies, PromotionExhausted(promotion_id=promotion, uses=uses), promotion)

    def redeemed(self, promotions: tuple[str, ...]) -> Event:
        return event_of(self.dependencies, PromotionsRedeemed(redemption=self.key, promotions=promotions), self.key)

    def released(self, promotions: tuple[str, ...]) -> Event:
        return event_of(self.dependencies, PromotionsReleased(redemption=self.key, promotions=promotions), self.key)
