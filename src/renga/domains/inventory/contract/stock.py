"""The inventory's interface for other domains: what is available, and reservations."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.inventory.contract.reservations import NewReservation, Reservation
from renga.kernel.caller import Caller

#: Scopes: reserve and commit (for programs of the shop), the levels of one's merchants, every level and location.
RESERVING = "inventory:reserve"
OWN_LEVELS = "inventory:write"
ALL_LEVELS = "inventory:manage"

#: Skus per call of ``availability``, and of the public read.
AVAILABILITY_MAX = 500
PUBLIC_AVAILABILITY_MAX = 200
#: The public read tells nobody but the stock's keepers that there is more than this (thousandths of a unit).
PUBLIC_CAP_MILLI = 99_000


class Available(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be sold of a counted sku now.

    ``available_milli``  in stock, neither reserved nor safety stock; never negative
    ``backorder``        more can be sold than there is: a backorder or a preorder with room left
    ``backorder_milli``  how much more; None: without limit
    ``from_at``          when what is not in stock comes (RFC 3339), if that is known
    """

    sku: str
    available_milli: int
    backorder: bool = False
    backorder_milli: int | None = 0
    from_at: str | None = None

    def covers(self, quantity_milli: int) -> bool:
        """Whether this much can be sold."""
        if self.backorder and self.backorder_milli is None:
            return True
        return quantity_milli <= self.available_milli + (self.backorder_milli or 0)


class Stock(Protocol):
    """Every method raises Unavailable when the store is unreachable. A reservation is named by its id or by its key.

    All but the two reads of availability need the scope RESERVING (a job: ``Caller.of_system("orders", RESERVING)``) and
    raise Unauthenticated, InsufficientScope; the caller's subject is the actor in the journal.
    """

    async def availability(self, skus: Sequence[str]) -> dict[str, Available]:
        """Exact availability of up to AVAILABILITY_MAX skus, in one round trip, as stored now.

        Skus that are not counted are absent: the catalogue's declared availability decides. A bundle has what its scarcest
        counted part allows. Raises SkusInvalid.
        """
        ...

    async def public_availability(self, caller: Caller, skus: Sequence[str]) -> dict[str, Available]:
        """The same for anybody, up to PUBLIC_AVAILABILITY_MAX skus, capped at PUBLIC_CAP_MILLI for each sku whose level the
        caller does not keep (OWN_LEVELS of its merchant, or ALL_LEVELS). Raises SkusInvalid.
        """
        ...

    async def reserve(self, caller: Caller, new: NewReservation) -> Reservation:
        """Reserve stock until the deadline. Skus that are not counted need nothing and are never short.

        Raises NotEnoughStock (nothing was reserved), ReservationInvalid, StockQuantityInvalid, IdempotencyConflict (the key was
        used for another request), TooManyRequests (too many wait in this process).
        """
        ...

    async def reservation(self, caller: Caller, reservation: str) -> Reservation:
        """Raises ReservationNotFound."""
        ...

    async def commit(self, caller: Caller, reservation: str) -> Reservation:
        """Pending → committed: it does not expire any more. Idempotent. Raises ReservationNotFound, ReservationState."""
        ...

    async def release(self, caller: Caller, reservation: str) -> Reservation:
        """Pending or committed → released: give the stock back. Idempotent, also after expiry (the answer is ``expired``).

        Raises ReservationNotFound, ReservationState (it is fulfilled).
        """
        ...

    async def fulfil(self, caller: Caller, reservation: str) -> Reservation:
        """Committed → fulfilled: the goods have left the shelf. Idempotent.

        Raises ReservationNotFound, ReservationState (also while a part waits for stock), NotEnoughStock (the shelf has less than
        was reserved, because stock was lost).
        """
        ...

    async def move(self, caller: Caller, reservation: str, *, source: str, target: str) -> Reservation:
        """Take what is allocated at one location from another location instead; all or nothing.

        Raises ReservationNotFound, ReservationState, LocationNotFound, NotEnoughStock.
        """
        ...
