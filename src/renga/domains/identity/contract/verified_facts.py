"""What the shop has verified about buyers, for prices and taxes: a fast lookup for every request."""

from typing import Protocol

from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import Caller


class CallerFacts(Protocol):
    """A cache in this process; changes are seen within a second (``BuyerFactsChanged``), at the latest after a minute.

    A guest, a program and an unknown account have NOTHING_VERIFIED.
    """

    def known(self, caller: Caller) -> VerifiedFacts | None:
        """The facts without waiting; None: call ``facts``."""
        ...

    async def facts(self, caller: Caller) -> VerifiedFacts:
        """The caller's own facts. While the store is unavailable or hangs: facts up to an hour old, or Unavailable at once."""
        ...


class NoCallerFacts:
    """Implements ``CallerFacts`` for a shop without accounts."""

    def known(self, caller: Caller) -> VerifiedFacts | None:
        return NOTHING_VERIFIED

    async def facts(self, caller: Caller) -> VerifiedFacts:
        return NOTHING_VERIFIED
