"""What the use cases of administrators need: lists over all accounts and merchants."""

from collections.abc import Sequence
from typing import Protocol

from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.contract import MerchantStanding, MerchantStatus, Stakeholder


class Directory(Protocol):
    """Reads. Raises Unavailable."""

    async def people(
        self, email: str | None, stakeholder: Stakeholder | None, before: str | None, limit: int
    ) -> Sequence[Person]:
        """Who was not erased, newest first (ids are in the order of time)."""
        ...

    async def merchants(
        self, status: MerchantStatus | None, before: str | None, limit: int
    ) -> Sequence[MerchantStanding]:
        """Who was not closed, newest first; with ``status`` those in it only."""
        ...
