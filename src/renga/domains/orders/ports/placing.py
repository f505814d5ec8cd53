"""What the saga writes in the transaction of its progress, and how attempts begin and run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from renga.domains.orders.model.advancing_orders import OrderChange
from renga.domains.orders.ports.orders import AttemptState, OrderUnit, PlacingAttempt
from renga.kernel.events import Event


class PlacingWrites(Protocol):
    """``connection`` has an open transaction."""

    async def answer(
        self, connection: Any, attempt_id: str, answer: Mapping[str, Any], state: AttemptState, now_ms: int
    ) -> None:
        """Keep what calls with the attempt's key are told; what ended stays as it is."""
        ...

    async def forget(self, connection: Any, attempt_id: str) -> None:
        """Nothing has happened: the key may be used again."""
        ...

    async def reopen(self, connection: Any, checkout_id: str, expires_ms: int) -> None:
        """Nothing was placed: the buyer may go on with the checkout."""
        ...

    async def complete(self, connection: Any, checkout_id: str, now_ms: int) -> None:
        """The checkout has become an order."""
        ...

    async def order(
        self, connection: Any, change: OrderChange, events: Sequence[Event], new_number: Callable[[], str]
    ) -> None:
        """A new order; with another number if its own is taken."""
        ...

    async def unit(self, connection: Any, order_id: str) -> OrderUnit:
        """The order under its lock. Raises OrderNotFound."""
        ...


class Placings(Protocol):
    """Attempts as durable processes. Every method raises Unavailable."""

    async def begin(
        self, attempt: PlacingAttempt, state: Mapping[str, Any], *, version: int, claimed_here: bool
    ) -> Any | None:
        """In one transaction: the checkout, as it was read (``version``), is ``placing``, the attempt is live, its process
        has begun. None: the checkout was changed meanwhile, the cart has a live attempt, or another call has the key.

        ``claimed_here``: the caller runs what is returned.
        """
        ...

    async def claim(self, process_id: int) -> Any | None:
        """Take a process that is due or waits; None: it has ended, or somebody works on it."""
        ...

    async def run(self, claimed: Any) -> None:
        """Run its steps until it ends, waits, or is another worker's."""
        ...

    async def tell(self, process_id: int, event_id: str) -> None:
        """There is news of the payment."""
        ...
