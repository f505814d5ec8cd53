"""Ports of buyers: the store of groups, tax numbers and exemptions. Every method may raise Unavailable.

Locks are taken in one order, merchant, group, account, so that transactions never wait for each other in a circle.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from renga.domains.identity.contract import (
    BuyerProfile,
    CustomerGroup,
    GroupCustomer,
    Merchant,
    MerchantRole,
    TaxExemption,
    TaxIdentity,
)
from renga.domains.identity.organisations.ports import Actor, Work
from renga.kernel.buyer_terms import VerifiedFacts
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


class BuyerWork(Work, Protocol):
    """A transaction on buyers."""

    @property
    def now_ms(self) -> int:
        """The time of the transaction."""
        ...

    async def actor_by_email(self, email: str) -> Actor | None:
        """The account with this normalised address, locked until the end."""
        ...

    async def lock_groups(self) -> None:
        """No other transaction creates a group until the end."""
        ...

    async def find_groups(self, codes: Sequence[str]) -> dict[str, CustomerGroup]:
        """The groups that exist, locked until the end, by code."""
        ...

    async def count_groups(self, merchant_id: str | None) -> int:
        """Number of a merchant's groups, or of the shop's."""
        ...

    async def put_group(self, group: CustomerGroup) -> None:
        """Create or rename it."""
        ...

    async def remove_group(self, code: str) -> tuple[str, ...]:
        """Remove it with its memberships; returns the accounts that it had effect on."""
        ...

    async def give_groups(self, account_id: str, codes: Sequence[str]) -> bool:
        """Replace the groups given by administrators; marks of having left them end. False if nothing changes."""
        ...

    async def count_addresses(self, code: str) -> int:
        """Number of addresses in a group."""
        ...

    async def put_address(self, code: str, email: str) -> bool:
        """False if it is there already."""
        ...

    async def drop_address(self, code: str, email: str) -> bool:
        """False if it is not there."""
        ...

    async def leave(self, account_id: str, code: str) -> None:
        """The customer left the group for good."""
        ...

    async def tax(self, account_id: str) -> TaxIdentity | None:
        """The number that the buyer stated."""
        ...

    async def put_tax(self, account_id: str, tax: TaxIdentity | None) -> None:
        """Keep it, or None: remove it."""
        ...

    async def put_exemption(self, account_id: str, exemption: TaxExemption | None) -> None:
        """Keep it, or None: remove it."""
        ...

    async def announce(self, account_ids: Iterable[str], new_id: IdSource) -> None:
        """Announce ``BuyerFactsChanged`` of these accounts."""
        ...


class BuyerStore(Protocol):
    """Groups, tax numbers and exemptions."""

    def work(self) -> AbstractAsyncContextManager[BuyerWork]:
        """Open a transaction."""
        ...

    async def find_role(self, merchant_id: str, account_id: str) -> tuple[Merchant, MerchantRole] | None:
        """The merchant and the account's role; None if closed, unknown or no member."""
        ...

    async def facts(self, account_id: str) -> VerifiedFacts:
        """What counts now; NOTHING_VERIFIED for an unknown account."""
        ...

    async def profile(self, account_id: str) -> BuyerProfile | None:
        """None for an unknown account."""
        ...

    async def groups(self, merchant_id: str | None = None) -> tuple[CustomerGroup, ...]:
        """A merchant's groups, or all, by code."""
        ...

    async def customers(self, code: str) -> tuple[GroupCustomer, ...]:
        """The addresses in a group, by address."""
        ...


class BuyerDependencies(msgspec.Struct, frozen=True):
    """``forget`` drops cached facts of these accounts in this process, after the change."""

    store: BuyerStore
    clock: Clock
    new_id: IdSource
    forget: Callable[[Iterable[str]], None]
