"""OrderStore: attempts and orders."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

import msgspec

from renga.domains.orders.model.advancing_orders import OrderChange
from renga.domains.orders.model.order_record import KeptAdjustment, OrderNote, OrderRecord
from renga.kernel.events import Event

AttemptState = Literal["live", "placed", "failed"]


class PlacingAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to place a checkout. ``answer``: what calls with its key are told, as ``model/answers.py`` has it."""

    id: str
    key: bytes
    fingerprint: bytes
    cart_id: str
    checkout_id: str
    order_id: str
    process_id: int
    state: AttemptState
    created_ms: int
    answer: dict[str, Any] | None = None


class PlacingOutcome(msgspec.Struct, frozen=True):
    """What has become of an attempt until now; ``order`` None: it is not placed."""

    attempt: PlacingAttempt
    order: OrderRecord | None
    notes: tuple[OrderNote, ...] = ()
    adjustments: tuple[KeptAdjustment, ...] = ()


class OrderUnit(Protocol):
    """One transaction that holds the lock of an order's row."""

    @property
    def order(self) -> OrderRecord:
        """As it is now, under the lock."""
        ...

    async def save(self, change: OrderChange, events: Sequence[Event]) -> None:
        """Write the order after a change with its lists and the events for others."""
        ...


class OrderStore(Protocol):
    """Every method raises Unavailable."""

    async def attempt_by_key(self, key: bytes) -> PlacingAttempt | None:
        """The attempt of this digest of caller and idempotency key; None: there is none."""
        ...

    async def attempt(self, attempt_id: str) -> PlacingAttempt | None:
        """None: there is no such attempt."""
        ...

    async def last_attempt(self, checkout_id: str) -> PlacingAttempt | None:
        """The newest attempt of a checkout; None: there was none."""
        ...

    async def attempt_of_order(self, order_id: str) -> PlacingAttempt | None:
        """The attempt that placed the order; None: there is no such order."""
        ...

    async def order(self, order_id: str) -> OrderRecord | None:
        """None: there is no such order."""
        ...

    async def outcome(self, attempt_id: str) -> PlacingOutcome | None:
        """An attempt with its order and the order's lists, in one look; None: there is no such attempt."""
        ...

    async def lists(self, order_id: str) -> tuple[Sequence[OrderNote], Sequence[KeptAdjustment]]:
        """The order's events and adjustments, the oldest first."""
        ...

    def order_unit(self, order_id: str) -> AbstractAsyncContextManager[OrderUnit]:
        """Commits at the end, rolls back if an error leaves it. Raises OrderNotFound."""
        ...

    async def page(
        self,
        *,
        customer: str | None,
        merchants: Sequence[str],
        everything: bool,
        before: tuple[int, str] | None,
        limit: int,
    ) -> Sequence[OrderRecord]:
        """Newest first: those of the customer and those with a part of the merchants, or all."""
        ...

    async def forget_attempts(self, before_ms: int, limit: int) -> int:
        """Delete attempts that ended before; returns how many."""
        ...
