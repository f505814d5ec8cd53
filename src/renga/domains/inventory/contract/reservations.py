"""Messages about reservations. Quantities are whole thousandths of a unit: 0.250 kg is 250, three pieces are 3000."""

from typing import Literal

import msgspec

from renga.kernel.destination import Destination as Destination

#: Pending holds stock until its deadline; committed belongs to an order; fulfilled has left the shelf. See ``model/states.py``.
ReservationStatus = Literal["pending", "committed", "fulfilled", "released", "expired"]

#: In which order locations are asked: by their priority, by their distance from the destination (same postal code, region,
#: country, in this order; then by priority), or so that the fewest locations send a parcel (then by priority).
AllocationPolicy = Literal["priority", "nearest", "fewest_parcels"]

#: Why a reservation ended: its holder gave it back, or its deadline passed.
ReleaseReason = Literal["released", "expired"]

#: Limits: lines of one reservation, one line's quantity, seconds until the deadline, characters of key and reference.
LINES_MAX = 500
QUANTITY_MILLI_MAX = 1_000_000_000
EXPIRES_S_MAX = 7 * 24 * 3600
KEY_CHARS_MAX = 200


class WantedLine(msgspec.Struct, frozen=True):
    """A quantity of a sku. A bundle is reserved by its parts; a sku may be on several lines."""

    sku: str
    quantity_milli: int


class NewReservation(msgspec.Struct, frozen=True, kw_only=True):
    """What to reserve.

    ``reference``       what it is for, in the words of the caller (``checkout:…``); shown in the journal
    ``key``             idempotency key: the same key again answers with the same reservation, whatever its state is now
    ``expires_in_s``    a pending reservation is given back after this many seconds
    ``all_or_nothing``  False: reserve what there is, and report what is ``short``; with nothing at all: NotEnoughStock
    ``policy``          how locations are chosen; ``split`` False: everything comes from one location
    """

    reference: str
    lines: tuple[WantedLine, ...]
    key: str
    expires_in_s: int = 900
    all_or_nothing: bool = True
    policy: AllocationPolicy = "priority"
    split: bool = True
    destination: Destination | None = None


class Allocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a line gets from one location. ``sku`` is the part's sku for a bundle.

    ``location`` None: not in stock yet, promised by a backorder or preorder; it moves to a location when stock is received.
    """

    sku: str
    quantity_milli: int
    location: str | None = None


class ReservedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. ``counted`` False: nothing of it is counted, so nothing was reserved and nothing is short.

    ``reserved_milli + short_milli`` is what was asked for, in units of the line's own sku.
    """

    sku: str
    reserved_milli: int
    short_milli: int = 0
    counted: bool = True
    allocations: tuple[Allocation, ...] = ()


class Reservation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation. ``version`` grows with each change; ``expires_at`` (RFC 3339) matters while it is pending."""

    id: str
    key: str
    reference: str
    state: ReservationStatus
    version: int
    created_at: str
    expires_at: str
    lines: tuple[ReservedLine, ...]

    @property
    def short(self) -> bool:
        """Whether any line got less than it asked for."""
        return any(line.short_milli for line in self.lines)
