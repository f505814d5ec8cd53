"""Who buys, where, how and when: what conditions on the order look at."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from renga.domains.pricing.contract import (
    BuyerHistory,
    PaymentChoice,
    PricingPolicy,
)
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.clock import to_datetime
from renga.kernel.destination import Destination

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def local_time(policy: PricingPolicy, now_ms: int) -> datetime:
    """A moment in the shop's time zone."""
    return to_datetime(now_ms).astimezone(ZoneInfo(policy.time_zone))


class Situation:
    """The terms of one quote. ``country`` is the destination's, or that of the terms while there is none."""

    def __init__(
        self,
        terms: BuyerTerms,
        destination: Destination | None,
        payment: PaymentChoice | None,
        history: BuyerHistory,
        policy: PricingPolicy,
        now_ms: int,
    ) -> None:
        self.terms = terms
        self.currency = terms.currency
        self.payment = payment
        self.history = history
        self.policy = policy
        self.now_ms = now_ms
        known = destination is not None and destination.country
        of_terms = Destination(country=terms.country, region=terms.region) if terms.country else None
        self.destination = destination if known else of_terms
        self.country = self.destination.country if self.destination else ""

    @cached_property
    def local(self) -> datetime:
        """The present in the shop's time zone."""
        return local_time(self.policy, self.now_ms)

    def weekday_before(self, nights: Sequence[str]) -> str:
        """The day of the week; until the end of a night that began yesterday, yesterday's."""
        late = any(self.time_of_day < ends for ends in nights)
        return WEEKDAYS[self.local.weekday() - late]

    @property
    def time_of_day(self) -> str:
        return f"{self.local.hour:02d}:{self.local.minute:02d}"

    def tokens(self) -> list[str]:
        """Keys under which promotions that need this situation are found (see ``PromotionIndex``)."""
        terms = self.terms
        found = [f"h:{terms.channel}", f"u:{terms.currency}", f"o:{self.country}"]
        found += [f"g:{group}" for group in terms.verified.groups]
        return [*found, f"y:{self.payment.method}"] if self.payment else found
