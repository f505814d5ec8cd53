"""What other domains and the outside may ask of the cart. Prices are static until checkout; amounts are minor units."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.kernel.caller import Caller
from renga.kernel.errors import (
    Conflict,
    Gone,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict as IdempotencyConflict

#: The scope of a customer's own carts: what a person allows an application. The edge asks for it.
OWN_CARTS = "cart"
#: The scope of every cart: services. A caller who has it owns none.
ANY_CART = "carts:any"


class CartNotFound(NotFound):
    code = "cart_not_found"
    title = "There is no such cart"


class CartHasExpired(Gone):
    code = "cart_expired"
    title = "This cart has expired"


class CartMergedAway(Gone):
    code = "cart_merged"
    title = "This cart was merged into another one"


class CartAlreadyCompleted(Conflict):
    code = "cart_completed"
    title = "This cart was already ordered"


class CartBusy(Conflict):
    code = "cart_busy"
    title = "This cart is being merged; try again in a moment"


class LineNotFound(NotFound):
    code = "line_not_found"
    title = "There is no such line in this cart"


class VariantNotFound(NotFound):
    code = "variant_not_found"
    title = "The catalogue has no such sku"


class CurrencyUnavailable(Unprocessable):
    code = "currency_unavailable"
    title = "This item is not sold in the cart's currency"


class QuantityOutOfRange(Unprocessable):
    code = "quantity_out_of_range"
    title = "The quantity is out of range"


class LineLimit(Unprocessable):
    code = "line_limit"
    title = "The cart has as many lines as it may have"


class CartTooLarge(Unprocessable):
    code = "cart_too_large"
    title = "The cart holds as many bytes as it may"


class CouponLimit(Unprocessable):
    code = "coupon_limit"
    title = "The cart has as many coupon codes as it may have"


class VersionConflict(PreconditionFailed):
    code = "version_conflict"
    title = "The cart has changed since that version"


class StoreUnavailable(Unavailable):
    code = "store_unavailable"
    title = "The cart store is away; nothing was changed"


class CartOutcomeUnknown(OutcomeUnknown):
    code = "outcome_unknown"
    title = "The cart store went away midway; retry with the same idempotency key"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line. ``unit_price`` is the price at which it was added; ``current_price`` the catalogue's today (None: unknown).

    ``price_moved`` is true when the two differ. ``options`` are the buyer's own (an engraving), not the variant's.
    """

    line: str
    sku: str
    title: str
    quantity: int
    unit_price: Money
    line_total: Money
    price_moved: bool = False
    current_price: Money | None = None
    options: dict[str, str] = {}


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of the lines. ``total`` is before shipping, taxes and promotions, which the checkout quotes."""

    subtotal: Money
    total: Money


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """``lines`` is how many lines there are, ``items`` the sum of their quantities."""

    lines: int
    items: int


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """A cart as it is answered. ``state`` is open, checkout or completed; times are RFC 3339.

    ``version`` grows by one with each change. ``etag`` is the value of the ETag header: the version, and after a restore
    from the snapshot also the number of restores, so that a version from before the restore does not match by chance.
    """

    id: str
    version: int
    currency: str
    state: str
    created_at: str
    updated_at: str
    expires_at: str
    customer: str | None = None
    note: str = ""
    coupons: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    saved: tuple[Line, ...] = ()
    totals: Totals
    counts: Counts
    etag: str = ""


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sku to put into a cart. Lines of one sku with different ``options`` are different lines."""

    sku: str
    quantity: int = 1
    options: dict[str, str] = {}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a write did: the cart's version after it, the line it touched, and the whole cart if it was asked for.

    ``replayed`` is true when the idempotency key had been seen: ``version`` and ``line`` are then those of the first call.
    """

    cart_id: str
    version: int
    etag: str
    line: str | None = None
    cart: Cart | None = None
    replayed: bool = False


class TakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a guest's cart at login: ``cart_id`` is the customer's current cart now (None: she has none).

    ``left`` is the guest's cart if it could not be merged, and ``reason`` the code of the error (``line_limit``,
    ``cart_too_large``, ``currency_unavailable``): it is as it was, and still a guest's.
    """

    cart_id: str | None
    left: str | None = None
    reason: str = ""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """How a write is to be done.

    ``key``       idempotency key (at most 255 characters), None for none
    ``if_match``  ETags of which one must hold, None for any
    ``whole``     answer with the whole cart (else the version alone)
    ``language``  BCP 47 tag for title snapshots
    ``scope``     whose keys these are, for ``create`` (a cart's other keys are the cart's own)
    """

    key: str | None = None
    if_match: tuple[str, ...] | None = None
    whole: bool = True
    language: str = "pt-BR"
    scope: str = ""


class Carts(Protocol):
    """All uses of the cart. The caller comes first: a guest's cart answers to everybody who has its id, a customer's to that
    customer and to callers with ANY_CART; for everyone else it is CartNotFound.

    Every method may raise StoreUnavailable and CartOutcomeUnknown; every one that names a cart CartNotFound, CartExpired and
    CartMergedAway; every write CartCompleted, CartBusy, VersionConflict, IdempotencyConflict, CartTooLarge. On an error
    nothing has changed.
    """

    async def create(self, caller: Caller, currency: str, *, expires_in_s: int | None = None, write: Write) -> Change:
        """A new, empty cart: the customer's, or a guest's.

        ``expires_in_s`` shortens its life (never lengthens it); each write starts the life again.
        """
        ...

    async def read(self, caller: Caller, cart_id: str) -> Cart:
        """The cart as it is now; restored from its snapshot if the store has lost it."""
        ...

    async def add_line(self, caller: Caller, cart_id: str, line: NewLine, write: Write) -> Change:
        """Add a quantity; sums up with the line of the same sku and options. Adds commute.

        Raises VariantNotFound, CurrencyUnavailable, QuantityOutOfRange, LineLimit.
        """
        ...

    async def set_quantity(self, caller: Caller, cart_id: str, line: str, quantity: int, write: Write) -> Change:
        """Set a line's quantity (1 or more). Raises LineNotFound, QuantityOutOfRange."""
        ...

    async def remove_line(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Remove a line. Raises LineNotFound."""
        ...

    async def replace_lines(self, caller: Caller, cart_id: str, lines: Sequence[NewLine], write: Write) -> Change:
        """Make these the cart's lines, all or nothing; a line that stays keeps its price. Raises as add_line."""
        ...

    async def clear(self, caller: Caller, cart_id: str, write: Write) -> Change:
        """Remove all lines."""
        ...

    async def merge(self, caller: Caller, cart_id: str, source_id: str, write: Write) -> Change:
        """Move the source's lines into the cart, summing quantities (at most the limit); idempotent, survives a crash.

        The source is gone afterwards. Raises LineLimit, CurrencyUnavailable: then both carts are as they were. When an
        engine goes away midway (Unavailable) the source stays busy until the merge is finished: by a retry or by itself.
        """
        ...

    async def claim(self, caller: Caller, cart_id: str, write: Write) -> Change:
        """Give a guest cart to the customer who calls. Raises Unauthenticated (a guest, or who owns no carts)."""
        ...

    async def take_over(self, caller: Caller, guest_cart_id: str | None) -> TakenOver:
        """At login: the guest's cart becomes the customer's current one, or is merged into the one she has.

        To be called again whenever it is not known to have ended well: idempotent, survives a crash anywhere, and logins at
        once end with one cart. A guest's cart that is over, or another customer's, is passed over. Raises CartBusy (again),
        Unauthenticated (as ``claim``).
        """
        ...

    async def save_for_later(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Move a line to the saved ones. Raises LineNotFound."""
        ...

    async def restore_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Move a saved line back. Raises LineNotFound, LineLimit, QuantityOutOfRange."""
        ...

    async def remove_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Forget a saved line. Raises LineNotFound."""
        ...

    async def apply_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        """Keep a coupon code for the checkout's quote (upper-cased). Raises CouponLimit."""
        ...

    async def remove_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        """Forget a coupon code; one that is not there is no error."""
        ...

    async def set_note(self, caller: Caller, cart_id: str, note: str, write: Write) -> Change:
        """Set the buyer's note (at most 500 characters); an empty one removes it."""
        ...

    async def start_checkout(self, caller: Caller, cart_id: str, write: Write) -> Change:
        """Mark that a checkout began (state ``checkout``); the next change of the cart opens it again."""
        ...

    async def complete(
        self,
        caller: Caller,
        cart_id: str,
        ordered: dict[str, int],
        write: Write,
        *,
        coupons: Sequence[str] = (),
        order_id: str | None = None,
    ) -> Change:
        """Remove exactly what was ordered (line to quantity) and the coupon codes that the order used (``coupons``).

        Codes that the order did not use stay. With nothing left the cart is completed, for good. Raises Unprocessable.

        The cart remembers the last 50 order ids, longer than keys and through a loss of the store: the same ``order_id`` again,
        with another key or none, is a replay. Whoever retries passes it (1 to 64 printable characters).
        """
        ...
