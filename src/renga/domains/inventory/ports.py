"""What the inventory needs from outside."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from renga.domains.inventory.contract import Reservation
from renga.domains.inventory.contract.levels import (
    BrokenLevel,
    CountLine,
    CountState,
    JournalEntry,
    StockCount,
    StockLocation,
)
from renga.domains.inventory.model.allocating import Parts
from renga.domains.inventory.model.stock import Item, Lot, Movement, Waiting
from renga.kernel.events import Event
from renga.kernel.once import Once


class StoredReservation(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation with what only the store needs: the digest of its request, its times in milliseconds."""

    reservation: Reservation
    fingerprint: bytes
    created_ms: int
    expires_ms: int

    def with_(self, reservation: Reservation) -> "StoredReservation":
        return msgspec.structs.replace(self, reservation=reservation)

    @property
    def skus(self) -> list[str]:
        """The counted skus that it holds or held."""
        return sorted({one.sku for line in self.reservation.lines for one in line.allocations})


class EndedCount(msgspec.Struct, frozen=True, kw_only=True):
    """A stock count that ends: by sku, what was counted and what was on hand (empty: it was cancelled)."""

    id: str
    state: CountState
    counted: dict[str, int] = {}
    found: dict[str, int] = {}


class StockChanges(msgspec.Struct, kw_only=True):
    """Everything that one transaction writes, in one statement per table.

    ``items`` and ``levels`` (as sku and location) name what of the unit's working copies changed; ``waiting`` is what is left
    of a promise, by position; ``lots`` are by sku, location and lot; ``count`` is a stock count that ends.
    """

    items: set[str] = msgspec.field(default_factory=set)
    levels: set[tuple[str, str]] = msgspec.field(default_factory=set)
    new: list[StoredReservation] = msgspec.field(default_factory=list)
    changed: dict[str, StoredReservation] = msgspec.field(default_factory=dict)
    promised: list[tuple[str, str, int]] = msgspec.field(default_factory=list)
    count: EndedCount | None = None
    waiting: dict[int, int] = msgspec.field(default_factory=dict)
    lots: dict[tuple[str, str, str], Lot] = msgspec.field(default_factory=dict)
    movements: list[Movement] = msgspec.field(default_factory=list)
    events: list[Event] = msgspec.field(default_factory=list)
    at_ms: int = 0


class StockUnit(Protocol):
    """Locked stock: nobody else changes these skus until the unit ends. It is committed when its context ends without an error.

    ``items``         by sku, those that are counted
    ``reservations``  by id: those asked for, and those whose promises wait for these skus
    ``by_key``        ids of reservations by idempotency key, those asked for
    ``waiting``       promises by sku, the first to serve first (at most WAITING_MAX each)
    ``lots``          by sku and location, if asked for
    """

    items: dict[str, Item]
    reservations: dict[str, StoredReservation]
    by_key: dict[str, str]
    waiting: dict[str, list[Waiting]]
    lots: dict[tuple[str, str], list[Lot]]

    async def claim(self, once: Once, now_ms: int) -> bytes | None:
        """None: do the work and ``keep`` its answer. Else the answer of the first call. Raises IdempotencyConflict."""
        ...

    async def keep(self, once: Once, answer: bytes) -> None:
        """Keep the answer for a claimed key."""
        ...

    async def write(self, changes: StockChanges) -> None:
        """Call it at most once. Raises KeyTaken: another transaction made a reservation with one of the keys."""
        ...


class KeyTaken(Exception):
    """A reservation with this key was made at the same time; nothing was written, try the whole unit again."""


class StockStore(Protocol):
    """Every method raises Unavailable."""

    def unit(
        self, skus: Sequence[str], *, reservations: Sequence[str] = (), keys: Sequence[str] = (), lots: bool = False
    ) -> AbstractAsyncContextManager[StockUnit]:
        """Lock these skus (in sorted order, so that units never wait in a circle), then the reservations, and read them."""
        ...

    async def items(self, skus: Sequence[str]) -> dict[str, Item]:
        """These skus as they are now, without a lock; those that are not counted are absent."""
        ...

    async def find(self, name: str) -> StoredReservation | None:
        """The reservation with this id, or else with this key."""
        ...

    async def due(self, now_ms: int, limit: int) -> Sequence[StoredReservation]:
        """Pending reservations whose deadline has passed, the oldest deadline first."""
        ...

    async def forget_answers(self, now_ms: int) -> int:
        """Delete some of the answers whose idempotency keys are not kept any more; returns how many."""
        ...


class StockRegister(Protocol):
    """Locations, lists, the journal, stock counts. Every method raises Unavailable."""

    async def locations(self) -> Sequence[StockLocation]:
        """All of them, by priority, then code."""
        ...

    async def put_location(self, location: StockLocation) -> None:
        """Create or replace; the levels there keep their own ``active``."""
        ...

    async def ensure_default(self) -> None:
        """The location DEFAULT_LOCATION exists after this."""
        ...

    async def skus_at(self, location: str, after: str, limit: int) -> Sequence[str]:
        """Counted skus with a level at a location, in order, after this one."""
        ...

    async def listed(self, merchants: frozenset[str] | None, *, low: bool, after: str, limit: int) -> Sequence[str]:
        """Counted skus of these merchants (None: of all), in order; with ``low`` those at or below their alarm threshold."""
        ...

    async def lots(self, skus: Sequence[str]) -> Mapping[tuple[str, str], Sequence[Lot]]:
        """Lots by sku and location, those that expire first first."""
        ...

    async def journal(self, sku: str, before: int | None, limit: int) -> Sequence[JournalEntry]:
        """Movements of a sku, newest first, those before a position."""
        ...

    async def put_count(self, count: StockCount) -> bool:
        """Create it; False: it exists already (nothing was changed)."""
        ...

    async def count(self, identifier: str) -> StockCount | None:
        """With its lines."""
        ...

    async def put_count_line(self, identifier: str, line: CountLine) -> bool:
        """False: it is not open (nothing was changed)."""
        ...

    async def broken(self, after: str, limit: int) -> tuple[Sequence[BrokenLevel], str | None]:
        """Levels of the next ``limit`` skus that differ from the journal or from the open reservations; the last sku looked at,
        None at the end.
        """
        ...


class Compositions(Protocol):
    """Of what a sku consists, and whose it is: the catalogue's answer."""

    async def parts(self, skus: Sequence[str]) -> Mapping[str, Parts]:
        """The parts of those that are bundles; may be a moment old. Raises Unavailable."""
        ...

    async def owners(self, skus: Sequence[str]) -> Mapping[str, "SkuOwner"]:
        """Whose each sku is that exists, as it is now; at most OFFERS_MAX skus. Raises Unavailable."""
        ...

    async def countable(self) -> Sequence[str]:
        """Every sku of a small catalogue that is no bundle and not digital, for the demo. Raises Unavailable."""
        ...


class SkuOwner(msgspec.Struct, frozen=True):
    """The merchant of a sku, and whether it is a bundle."""

    merchant: str
    bundle: bool


class CartHolds(Protocol):
    """An optional policy of shops with drops and tickets: stock is held in the cart, with a deadline that the buyer sees.

    Without it (the default) a cart holds nothing: stock is reserved at checkout.
    """

    async def hold(self, cart: str, sku: str, quantity_milli: int) -> str | None:
        """Hold this much for the cart in place of what it held of the sku; 0 gives it back. Returns the deadline (RFC 3339),
        None if this sku is not held in carts. Raises NotEnoughStock (what it held, it still holds).
        """
        ...

    async def released(self, cart: str) -> None:
        """Give back everything that the cart holds: it was emptied, has expired, or its checkout has reserved."""
        ...
