"""The cart's public contract. Prices do not change until checkout; amounts are minor units."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.kernel.buyer_terms import DEFAULT_CHANNEL
from renga.kernel.caller import Caller
from renga.kernel.errors import (
    Conflict,
    Gone,
    Invalid,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)
from renga.kernel.identifiers import Identifier
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict as IdempotencyConflict

#: Scope for the customer's own carts; a customer may grant it to an application. The HTTP layer checks it.
OWN_CARTS = "cart"
#: Scope for every cart, for services. A caller with this scope owns no cart.
ANY_CART = "carts:any"
#: Most carts of one call of ``CartSamples.newest``.
NEWEST_MAX = 1000


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


class VariantNotAvailable(Unprocessable):
    """``sku`` says which, ``channel`` where it is not sold."""

    code = "variant_not_available"
    title = "This item is not sold in the cart's channel"


class OutOfStock(Unprocessable):
    """``sku`` says which; ``available`` is the most that a line of it may hold now."""

    code = "out_of_stock"
    title = "There is not enough of this item in stock"


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


class KeyGuessable(Invalid):
    """A guest's cart is open to everyone who has its id, and the key of its creation gives the id."""

    code = "idempotency_key_guessable"
    title = "A guest's key for a new cart must be a random UUID (version 4 or 7)"


class CartTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms that a cart's prices are for, besides its currency.

    ``channel``   where it is sold
    ``country``   ISO 3166-1 alpha-2, ``region`` an ISO 3166-2 subdivision without the country (``SP``); empty: unknown
    ``groups``    the owner's customer groups when the lines were priced, sorted; empty for a guest
    """

    channel: str = DEFAULT_CHANNEL
    country: str = ""
    region: str = ""
    groups: tuple[str, ...] = ()

    @property
    def price_key(self) -> str:
        """What prices depend on besides the currency: see ``BuyerTerms.price_key``."""
        return f"{self.channel}|{','.join(self.groups)}" if self.groups else self.channel


#: The terms of a guest in the usual channel.
USUAL_TERMS = CartTerms()


class PriceMove(msgspec.Struct, frozen=True, kw_only=True):
    """A write moved the unit price of a line: its terms changed, or its quantity crossed a quantity break."""

    line: str
    was: Money
    now: Money


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line. ``unit_price`` is the price when it was added, for its quantity; a change of the cart's terms sets it again.

    ``current_price`` is the catalogue's price now, on the cart's terms (None: unknown).

    ``price_moved`` is true when the two differ. ``options`` are the buyer's (such as an engraving), not the variant's.
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
    """A cart as callers see it. ``state`` is open, checkout or completed; times are RFC 3339.

    ``version`` grows by one with each change. ``etag`` is the value of the ETag header: the version; after a restore from
    the snapshot also the number of restores, so that a version from before the restore cannot match by chance.
    ``moves`` are the unit prices that the write moved whose answer this is.
    """

    id: str
    version: int
    currency: str
    terms: CartTerms
    state: str
    created_at: str
    updated_at: str
    expires_at: str
    customer: str | None = None
    note: str = ""
    coupons: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    saved: tuple[Line, ...] = ()
    moves: tuple[PriceMove, ...] = ()
    totals: Totals
    counts: Counts
    etag: str = ""


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sku to put into a cart. Lines of one sku with different ``options`` are different lines."""

    sku: Identifier
    quantity: int = 1
    options: dict[str, str] = {}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a write: the cart's version after it, the line it changed, and the whole cart if requested.

    ``moves`` are the unit prices that it moved. ``replayed`` is true when the idempotency key was used before: ``version``
    and ``line`` are then those of the first call, and ``moves`` is empty.
    """

    cart_id: str
    version: int
    etag: str
    line: str | None = None
    cart: Cart | None = None
    moves: tuple[PriceMove, ...] = ()
    replayed: bool = False


class TakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """The result of taking over a guest's cart at login: ``cart_id`` is the customer's current cart now (None: no cart).

    ``left`` is the guest's cart if it could not be merged; it is unchanged and still has no owner. ``reason`` is the code of
    the error: ``line_limit``, ``cart_too_large`` or ``currency_unavailable``.
    """

    cart_id: str | None
    left: str | None = None
    reason: str = ""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a write.

    ``key``       idempotency key (at most 255 characters), None for none
    ``if_match``  ETags, one of which must match the cart's; None for any
    ``whole``     return the whole cart (else the version alone)
    ``language``  BCP 47 tag for title snapshots
    ``scope``     for a guest's ``create``: what the client is known by and nobody else could have, such as a page's own keys;
                  empty: unknown, so that the key must be unguessable (a customer's keys are the customer's, keys of other
                  writes the cart's)
    """

    key: str | None = None
    if_match: tuple[str, ...] | None = None
    whole: bool = True
    language: str = "pt-BR"
    scope: str = ""


class Carts(Protocol):
    """All operations on carts. Access: a guest's cart is open to every caller who has its id; a customer's cart to that
    customer and to callers with ANY_CART. For all others it is CartNotFound.

    Every method may raise StoreUnavailable and CartOutcomeUnknown; every method that takes a cart id also CartNotFound,
    CartHasExpired and CartMergedAway; every write also CartAlreadyCompleted, CartBusy, VersionConflict, IdempotencyConflict
    and CartTooLarge. After an error nothing has changed (CartOutcomeUnknown: it is not known).
    """

    async def create(
        self,
        caller: Caller,
        currency: str,
        *,
        channel: str = DEFAULT_CHANNEL,
        country: str = "",
        region: str = "",
        expires_in_s: int | None = None,
        write: Write,
    ) -> Change:
        """Create an empty cart, owned by the customer who calls, or without an owner for guests and services.

        A customer's groups become part of its terms. ``expires_in_s`` shortens its time to live (never lengthens it); each
        write starts the time to live again. Raises UnknownCurrency, TermsInvalid.
        """
        ...

    async def set_terms(
        self,
        caller: Caller,
        cart_id: str,
        currency: str,
        *,
        channel: str = DEFAULT_CHANNEL,
        country: str = "",
        region: str = "",
        write: Write,
    ) -> Change:
        """Change the terms: every line, also the saved ones, gets the catalogue's price on the new terms.

        The groups are the owner's, as verified now. Terms that the cart has already change nothing. All or nothing. Raises
        UnknownCurrency, TermsInvalid, CurrencyUnavailable and VariantNotAvailable (``skus`` says which).
        """
        ...

    async def read(self, caller: Caller, cart_id: str) -> Cart:
        """The current cart; restored from its snapshot if the store has lost it."""
        ...

    async def add_line(self, caller: Caller, cart_id: str, line: NewLine, write: Write) -> Change:
        """Add a quantity, summed with an existing line of the same sku and options. Adds commute.

        A quantity that crosses a quantity break moves the unit price (``moves``). Raises VariantNotFound, VariantNotAvailable,
        OutOfStock, CurrencyUnavailable, QuantityOutOfRange, LineLimit.
        """
        ...

    async def set_quantity(self, caller: Caller, cart_id: str, line: str, quantity: int, write: Write) -> Change:
        """Set a line's quantity (1 or more); crosses quantity breaks as ``add_line``. Raises LineNotFound, QuantityOutOfRange."""
        ...

    async def remove_line(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Remove a line. Raises LineNotFound."""
        ...

    async def replace_lines(self, caller: Caller, cart_id: str, lines: Sequence[NewLine], write: Write) -> Change:
        """Replace all lines, all or nothing; a line that stays keeps its price. Raises as add_line."""
        ...

    async def clear(self, caller: Caller, cart_id: str, write: Write) -> Change:
        """Remove all lines."""
        ...

    async def merge(self, caller: Caller, cart_id: str, source_id: str, write: Write) -> Change:
        """Move the source's lines into the cart, summing quantities (at most the limit); idempotent, survives a crash.

        The source no longer exists afterwards. Raises LineLimit, CurrencyUnavailable: then both carts are unchanged. If a
        store fails midway (Unavailable), the source stays busy until a retry or the background job finishes the merge.
        """
        ...

    async def claim(self, caller: Caller, cart_id: str, write: Write) -> Change:
        """Make the calling customer the owner of a guest's cart. Raises Unauthenticated for guests and services.

        If the customer is in customer groups, the lines are priced for them (``moves``); a line that is not sold to them at
        another price keeps its own.
        """
        ...

    async def take_over(self, caller: Caller, guest_cart_id: str | None) -> TakenOver:
        """At login: the guest's cart becomes the customer's current cart, or is merged into the current one.

        Idempotent and safe to retry after any failure or crash; concurrent logins end with one cart. A guest's cart that
        has ended, or that belongs to another customer, is ignored. Raises CartBusy (retry), Unauthenticated (as ``claim``).
        """
        ...

    async def save_for_later(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Move a line to the saved lines. Raises LineNotFound."""
        ...

    async def restore_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Move a saved line back. Raises LineNotFound, LineLimit, QuantityOutOfRange."""
        ...

    async def remove_saved(self, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
        """Remove a saved line. Raises LineNotFound."""
        ...

    async def apply_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        """Keep a coupon code for the checkout's quote (upper-cased). Raises CouponLimit."""
        ...

    async def remove_coupon(self, caller: Caller, cart_id: str, code: str, write: Write) -> Change:
        """Remove a coupon code; removing an absent code is no error."""
        ...

    async def set_note(self, caller: Caller, cart_id: str, note: str, write: Write) -> Change:
        """Set the buyer's note (at most 500 characters); an empty one removes it."""
        ...

    async def start_checkout(self, caller: Caller, cart_id: str, write: Write) -> Change:
        """Set the state to ``checkout``; the next change of the cart sets it back to ``open``."""
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
        """Subtract what was ordered (line to quantity) and remove the coupon codes that the order used (``coupons``).

        Codes that the order did not use stay. If no line is left, the cart is completed for good. Raises Unprocessable.

        ``order_id`` (1 to 64 printable characters) makes retries safe: the cart remembers the last 50 order ids, longer than
        idempotency keys and also after a restore. A repeated ``order_id``, with any key or none, is a replay.
        """
        ...


class CartSamples(Protocol):
    """Carts as they were a moment ago, to try something on them. Part of this module's contract object."""

    async def newest(self, caller: Caller, limit: int) -> Sequence[Cart]:
        """The ``limit`` (1 to NEWEST_MAX) newest carts that have lines and have not ended, from their snapshots.

        Prices are those that the lines have kept; ``current_price`` is unknown. Raises InsufficientScope (ANY_CART),
        Unauthenticated, Invalid, StoreUnavailable.
        """
        ...
