"""``VerifiedBuyers`` from identity."""

from renga.domains.identity.contract import Buyers
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts


class NothingVerified:
    """Where no identity runs, nothing is known of anybody."""

    async def verified(self, customer: str | None) -> VerifiedFacts:
        return NOTHING_VERIFIED


class IdentityBuyers:
    """As identity has it now, not from a cache: a quote says what is paid."""

    def __init__(self, buyers: Buyers) -> None:
        self._buyers = buyers

    async def verified(self, customer: str | None) -> VerifiedFacts:
        return NOTHING_VERIFIED if customer is None else await self._buyers.verified_facts(customer)
