"""What decides whether money may be taken."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.payments.model.means import RiskDecision, StoredMeans, StoredPayment


class RiskProvider(Protocol):
    """Asked between authorise and capture."""

    async def assess(self, payment: StoredPayment, means: Sequence[StoredMeans]) -> RiskDecision:
        """``allow``: capture. ``review``: the payment stays authorised until somebody captures or voids it by hand.
        ``refuse``: every means is released. May be asked again after a crash. Never raises for the provider's fault.
        """
        ...


class AllowEverything(msgspec.Struct, frozen=True):
    """A RiskProvider that never objects."""

    async def assess(self, payment: StoredPayment, means: Sequence[StoredMeans]) -> RiskDecision:
        return "allow"
