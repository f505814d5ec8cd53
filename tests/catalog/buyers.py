"""Verified facts of callers in memory."""

from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable


class MemoryBuyerFacts:
    """``CallerFacts``: the customer groups by subject. ``away``: the store is unavailable."""

    def __init__(self, **groups: tuple[str, ...]) -> None:
        self.groups = groups
        self.away = False

    def known(self, caller: Caller) -> VerifiedFacts | None:
        return None

    async def facts(self, caller: Caller) -> VerifiedFacts:
        if self.away:
            raise Unavailable
        found = self.groups.get(caller.subject or "", ())
        return VerifiedFacts(groups=found) if found else NOTHING_VERIFIED
