"""What the jobs of payments have to do: one question for all of them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from renga.domains.payments.model.records import OperationKind


class DueOperation(NamedTuple):
    """An operation that nobody executes, or whose executor has not come back. ``provider`` is asked about it."""

    key: str
    payment: str
    provider: str


class DueMeans(NamedTuple):
    """A means of a payment."""

    payment: str
    means: str


class DueWebhook(NamedTuple):
    """A parked event whose next try has come."""

    provider: str
    id: str


class DueWork(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is due. ``unknown``: how many outcomes are unknown for longer than UNKNOWN_AFTER_MS.

    ``expiring``: the buyer's time is over;  ``ending``: authorisations that end within the margin.
    """

    operations: tuple[DueOperation, ...] = ()
    expiring: tuple[DueMeans, ...] = ()
    ending: tuple[DueMeans, ...] = ()
    webhooks: tuple[DueWebhook, ...] = ()
    unknown: int = 0

    @property
    def count(self) -> int:
        """How many there are of all kinds."""
        return len(self.operations) + len(self.expiring) + len(self.ending) + len(self.webhooks)


class StoredUnknown(msgspec.Struct, frozen=True, kw_only=True):
    """An operation whose outcome is not known."""

    key: str
    payment: str
    provider: str
    kind: OperationKind
    amount: int
    currency: str
    created_ms: int
    attempts: int


#: An outcome that is unknown for longer than this is reported.
UNKNOWN_AFTER_MS = 60_000


class WorkStore(Protocol):
    """Every method raises Unavailable."""

    async def due(self, now_ms: int, *, ending_before_ms: int, limit: int) -> DueWork:
        """Up to ``limit`` of each kind, the longest waiting first, in one statement."""
        ...

    async def postpone(self, keys: Sequence[str], now_ms: int, next_ms: int) -> None:
        """Nobody looks at these operations before ``next_ms``, unless somebody executes them."""
        ...

    async def unknown(self, created_before_ms: int, limit: int) -> Sequence[StoredUnknown]:
        """Operations that were made before and whose outcome is unknown, oldest first."""
        ...
