"""Who works for merchants and providers. Every method raises Unavailable."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from renga.domains.payments.contract.partners import PartnerPayment
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.kernel.caller import Caller


class MerchantRoles(Protocol):
    """Who works for a merchant."""

    async def roles_of(self, caller: Caller) -> Mapping[str, str]:
        """``owner``, ``manager`` or ``clerk`` by merchant."""
        ...


class PartnerAccounts(Protocol):
    """Accounts of payment partners."""

    async def is_partner(self, account: str) -> bool:
        """Whether there is such an account, and it is of the kind ``processor``."""
        ...


class PartnerStore(Protocol):
    """Which account is the partner of which provider."""

    async def providers_of(self, account: str) -> frozenset[str]:
        """The providers that an account is the partner of."""
        ...

    async def partner(self, provider: str) -> str | None:
        """The account; None: the provider has no partner."""
        ...

    async def put(self, provider: str, account: str | None, entry: TrailEntry) -> None:
        """Link an account to a provider; None: nobody."""
        ...

    async def payments(self, provider: str, after: str | None, limit: int) -> Sequence[PartnerPayment]:
        """Means of a provider that it knows, newest first; ``after``: the id of the last one before."""
        ...
