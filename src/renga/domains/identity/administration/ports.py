"""Ports of the administrators' use cases: lists of all accounts and merchants."""

from collections.abc import Sequence
from typing import Protocol

from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.contract import MerchantStanding, MerchantStatus, Stakeholder


class Directory(Protocol):
    """Lists accounts and merchants. Raises Unavailable."""

    async def people(
        self, email: str | None, stakeholder: Stakeholder | None, before: str | None, limit: int
    ) -> Sequence[Person]:
        """Accounts that are not erased, newest first (ids are ordered by time)."""
        ...

    async def merchants(
        self, status: MerchantStatus | None, before: str | None, limit: int
    ) -> Sequence[MerchantStanding]:
        """Who was not closed, newest first; with ``status`` those in it only."""
        ...
