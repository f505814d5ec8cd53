"""CheckoutStore: checkouts and the quotes that were shown."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.kernel.events import Event
from renga.kernel.once import Once


class StartedCheckout(msgspec.Struct, frozen=True):
    """The answer to a call with an idempotency key; ``fresh``: nobody had seen the checkout before."""

    checkout_id: str
    fresh: bool


class CheckoutUnit(Protocol):
    """One transaction that holds the lock of a checkout's row. Everything in it is written together or not at all."""

    @property
    def checkout(self) -> CheckoutRecord:
        """As it is now, under the lock."""
        ...

    async def quote(self) -> FrozenQuote | None:
        """The quote that was shown last."""
        ...

    async def save(self, checkout: CheckoutRecord) -> CheckoutRecord:
        """Write the row, with the next version. ``checkout_id`` and ``cart_id`` cannot change."""
        ...

    async def show(self, quote: FrozenQuote) -> None:
        """Keep a quote as the one that was shown last, in place of those before it."""
        ...

    async def keep_key(self, once: Once, now_ms: int, *, fresh: bool) -> bool:
        """Keep what was started under an idempotency key; False: another call had the key. Raises IdempotencyConflict."""
        ...

    async def append(self, events: Sequence[Event]) -> None:
        """Add events to the outbox."""
        ...


class CheckoutStore(Protocol):
    """Every method raises Unavailable."""

    async def checkout(self, checkout_id: str) -> CheckoutRecord | None:
        """None: there is none."""
        ...

    async def live(self, cart_id: str) -> CheckoutRecord | None:
        """The open or placing checkout of a cart."""
        ...

    async def quote(self, quote_id: str) -> FrozenQuote | None:
        """A kept quote; None once another one was shown."""
        ...

    def unit(self, checkout_id: str) -> AbstractAsyncContextManager[CheckoutUnit]:
        """Commits at the end, rolls back if an error leaves it. Raises CheckoutNotFound."""
        ...

    async def start(
        self, checkout: CheckoutRecord, quote: FrozenQuote | None, events: Sequence[Event], once: Once | None = None
    ) -> bool:
        """Insert a checkout, its quote, its events and the id under the idempotency key.

        False: the cart has a live one, or another call had the key; nothing was written. Raises IdempotencyConflict.
        """
        ...

    async def start_heard(self, heard: Event, checkout: CheckoutRecord | None, events: Sequence[Event]) -> bool:
        """As ``start``, once for each event of others that is heard. None: there is nothing to start; the event was handled."""
        ...

    async def started(self, once: Once) -> StartedCheckout | None:
        """What an earlier call with this key started. Raises IdempotencyConflict."""
        ...

    async def due(self, now_ms: int, limit: int) -> Sequence[str]:
        """Ids of open checkouts whose life has ended, the oldest first."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete checkouts that ended before; returns how many."""
        ...

    async def erase(self, customer: str) -> None:
        """Delete an account's checkouts with their quotes, but for those that are being placed."""
        ...
