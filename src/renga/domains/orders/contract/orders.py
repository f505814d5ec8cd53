"""Orders: what was bought, as it was shown. Amounts are Money, times RFC 3339."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

from renga.domains.orders.contract.checkouts import ConsentGiven
from renga.domains.payments.contract.payments import BoletoCharge, CardSummary, PaymentMethod, PixCharge
from renga.domains.pricing.contract import QuoteCharge, QuoteDiscount, QuoteTax, QuoteTotal
from renga.kernel.address import PostalAddress
from renga.kernel.caller import Caller
from renga.kernel.identifiers import Identifier
from renga.kernel.money import Money

#: ``model/order_states.py`` has the moves.
OrderState = Literal[
    "placed", "awaiting_payment", "payment_review", "paid", "in_fulfilment", "delivered", "completed", "cancelled"
]
OrderPaymentState = Literal["pending", "authorised", "paid", "partly_refunded", "refunded", "failed", "voided"]
FulfilmentState = Literal["unfulfilled", "in_fulfilment", "fulfilled", "delivered", "cancelled"]
CancelReason = Literal["buyer", "merchant", "payment_expired", "payment_declined", "out_of_stock"]

#: Orders of one page.
ORDERS_PAGE_MAX = 100


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. Quantities are units; ``ordered`` never changes, ``current`` is what is still to be delivered or was.

    ``unit_price`` is after discounts, ``total`` with tax.
    """

    line: str
    sku: str
    title: str
    merchant: str
    ordered: int | float
    current: int | float
    fulfilled: int | float
    returned: int | float
    unit_price: Money
    tax: Money
    total: Money
    now: Money | None = None
    discounts: tuple[QuoteDiscount, ...] = ()
    taxes: tuple[QuoteTax, ...] = ()
    options: dict[str, str] = {}
    gift: bool = False


class OrderPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one merchant sells and delivers. ``merchant`` None: the shop's own charges (surcharges, rounding).

    items + shipping = total, each with its tax; ``tax`` is what was added. The parts add up to the order's total.
    """

    merchant: str | None
    fulfilment_state: FulfilmentState
    lines: tuple[str, ...]
    items: Money
    shipping: Money
    tax: Money
    total: Money


class OrderMeans(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One means of the payment, as far as it may be shown."""

    method: PaymentMethod
    amount: Money
    instalments: int = 1
    card: CardSummary | None = None


class OrderPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``pix`` and ``boleto`` say how to pay while the order awaits it."""

    id: str | None = None
    method: PaymentMethod | None = None
    instalments: int = 1
    means: tuple[OrderMeans, ...] = ()
    captured: Money | None = None
    refunded: Money | None = None
    pix: PixCharge | None = None
    boleto: BoletoCharge | None = None


class OrderAddresses(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    shipping: PostalAddress | None = None
    billing: PostalAddress | None = None


class OrderEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to the order; the list only grows."""

    type: str
    at: str
    data: dict[str, Any] = {}


class OrderAdjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A change of what is owed, signed; the list only grows."""

    kind: str
    amount: Money
    reason: str
    at: str


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order. A merchant sees its own lines, part and delivery, and ``total`` is that of its part."""

    id: str
    number: str
    state: OrderState
    payment_state: OrderPaymentState
    fulfilment_state: FulfilmentState
    currency: str
    lines: tuple[OrderLine, ...]
    totals: tuple[QuoteTotal, ...]
    total: Money
    parts: tuple[OrderPart, ...]
    payment: OrderPayment
    addresses: OrderAddresses
    created_at: str
    version: int
    deliveries: tuple[QuoteCharge, ...] = ()
    customer: str | None = None
    email: str | None = None
    tax_id: Identifier | None = None
    language: str = ""
    note: str = ""
    consents: dict[str, ConsentGiven] = {}
    cancel_reason: CancelReason | None = None
    events: tuple[OrderEvent, ...] = ()
    adjustments: tuple[OrderAdjustment, ...] = ()


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    id: str
    number: str
    state: OrderState
    payment_state: OrderPaymentState
    fulfilment_state: FulfilmentState
    total: Money
    created_at: str


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[OrderSummary, ...]
    next: str | None = None


class PlacePayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``token``: the provider's one-time token of a card."""

    token: Annotated[str, Meta(max_length=500, pattern=r"^[!-~]+$")] | None = None


class PlaceRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``quote_id``: the quote that was shown last; it is the consent to all that it shows."""

    quote_id: Annotated[str, Meta(max_length=100, pattern=r"^[!-~]+$")]
    payment: PlacePayment = PlacePayment()


class PlaceCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A request to place, with its idempotency key. ``wait`` False: answer at once, a worker does it."""

    request: PlaceRequest
    key: str
    address: str | None = None
    wait: bool = True


class Placement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``order`` is there once it is placed. Before: ``processing``, or the buyer has to open ``url`` (3-D Secure)."""

    state: Literal["placed", "awaiting_payment", "action_required", "processing"]
    order: Order | None = None
    url: str | None = None
    replayed: bool = False


class Orders(Protocol):
    """Every method raises Unavailable. An order is seen by its customer, callers with ANY_ORDER, merchants of a part, and for
    24 hours by whoever has its id; for all others it is OrderNotFound.
    """

    async def place(self, caller: Caller, checkout_id: str, command: PlaceCommand) -> Placement:
        """Buy. The same key again answers the same, whoever of many callers comes first.

        Raises CheckoutNotFound, CheckoutHasExpired, CheckoutEnded, CheckoutBusy, CheckoutIncomplete, QuoteChanged,
        OrderOutOfStock, OrderPaymentDeclined, IdempotencyConflict, what quotes raise, and CouponExhausted, CouponUsed.
        """
        ...

    async def confirm(self, caller: Caller, checkout_id: str) -> Placement:
        """Go on after the buyer was at the provider, and say what has become of the last attempt.

        Raises CheckoutNotFound, NothingPlaced, and what the attempt failed with.
        """
        ...

    async def order(self, caller: Caller, order_id: str) -> Order:
        """Raises OrderNotFound."""
        ...

    async def orders(self, caller: Caller, *, cursor: str | None = None, limit: int = 20) -> OrderPage:
        """The caller's own; those with a part of the caller's merchants; all for ANY_ORDER. Raises Unauthenticated,
        OrderCursorInvalid.
        """
        ...

    async def cancel(self, caller: Caller, order_id: str) -> Order:
        """Before fulfilment: release the stock, void or refund the payment. Idempotent.

        Raises OrderNotFound, OrderStateConflict.
        """
        ...


def merchants_of(parts: Sequence[OrderPart]) -> tuple[str, ...]:
    """The merchants of the parts, in order; the shop's own part has none."""
    return tuple(sorted({part.merchant for part in parts if part.merchant is not None}))
