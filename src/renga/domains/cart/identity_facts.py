"""``BuyerFacts`` from identity."""

from renga.domains.identity.contract import CallerFacts
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import Caller


class NoFacts:
    """Where no identity runs, nobody is in a group."""

    async def verified(self, customer: str) -> VerifiedFacts:
        return NOTHING_VERIFIED


class IdentityFacts:
    """Identity's cached lookup."""

    def __init__(self, facts: CallerFacts) -> None:
        self._facts = facts

    async def verified(self, customer: str) -> VerifiedFacts:
        return await self._facts.facts(Caller(customer))
