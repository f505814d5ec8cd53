"""Events of pricing, as envelopes."""

import msgspec

from renga.domains.pricing.contract.events import PromotionExhausted, PromotionsRedeemed, PromotionsReleased
from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact

SOURCE = "renga/pricing"
#: A redemption ends once; that is its only event.
ENDED = 1


def event_of(dependencies: RedemptionDependencies, fact: Fact, subject: str, sequence: int) -> Event:
    """The fact as an event that happens now; ``sequence`` grows with each event of the subject."""
    return Event(
        id=dependencies.new_id(), source=SOURCE, type=fact.TYPE, subject=subject,
        time=rfc3339(dependencies.clock.now_ms()), data=msgspec.to_builtins(fact), sequence=sequence,
    )  # fmt: skip


class EventsOfRedemption(msgspec.Struct, frozen=True):
    """Implements ``ports.RedemptionEvents``."""

    dependencies: RedemptionDependencies
    key: str

    def exhausted(self, promotion: str, uses: int) -> Event:
        fact = PromotionExhausted(promotion_id=promotion, uses=uses)
        # not the promotion itself: its sequence is its version
        return event_of(self.dependencies, fact, f"{promotion}:uses", self.dependencies.clock.now_ms())

    def redeemed(self, promotions: tuple[str, ...]) -> Event:
        fact = PromotionsRedeemed(redemption=self.key, promotions=promotions)
        return event_of(self.dependencies, fact, self.key, ENDED)

    def released(self, promotions: tuple[str, ...]) -> Event:
        fact = PromotionsReleased(redemption=self.key, promotions=promotions)
        return event_of(self.dependencies, fact, self.key, ENDED)
