"""Messages about payments. Every amount of a payment is in the payment's currency."""

from typing import Literal

import msgspec

from renga.kernel.identifiers import Identifier
from renga.kernel.money import Money

#: Scopes: payments of the shop (its programs), reading them (finance), refunds, captures and voids by hand (finance), and what
#: a payment partner (``processor``) may read of its own provider.
PAYING = "payments:write"
READING_PAYMENTS = "payments:read"
MANAGING_PAYMENTS = "payments:manage"
PARTNER = "payments:partner"

#: How a part of the sum is paid. ``pix`` and ``boleto`` are asynchronous: the buyer pays later, elsewhere.
PaymentMethod = Literal["card", "pix", "boleto", "gift_card", "store_credit"]
#: Methods that the ledger itself answers, without a provider.
INTERNAL_METHODS = frozenset({"gift_card", "store_credit"})
ASYNCHRONOUS_METHODS = frozenset({"pix", "boleto"})

#: States of a payment and of each of its means; ``model/states.py`` has the moves.
PaymentState = Literal[
    "created", "action_needed", "pending", "authorised", "partly_captured", "captured", "partly_refunded", "refunded",
    "declined", "expired", "voided", "unknown", "disputed", "won", "lost",
]  # fmt: skip

#: Standard reasons of a refusal, whatever the provider calls it.
DeclineReason = Literal[
    "card_declined", "insufficient_funds", "expired_card", "incorrect_cvc", "incorrect_number", "challenge_failed",
    "challenge_required", "lost_or_stolen", "limit_exceeded", "token_invalid", "risk_refused", "too_many_attempts",
    "balance_insufficient", "gift_card_invalid", "method_unavailable", "amount_invalid", "expired", "cancelled",
    "provider_error",
]  # fmt: skip

CapturePolicy = Literal["now", "later"]
#: When the shop takes the money of a method: with the order, part by part as parcels leave, or when somebody does it by hand.
CaptureMoment = Literal["placement", "shipment", "manual"]
#: What a saved method may be used for: payments that its customer makes, or also those that the shop makes by agreement.
MandateUsage = Literal["one_off", "recurring"]

#: Limits: characters of a reference, means of one payment, shares of one payment, refunds of one means, instalments.
REFERENCE_CHARS_MAX = 120
MEANS_MAX = 5
SHARES_MAX = 100
REFUNDS_MAX = 200
INSTALMENTS_MAX = 24


class Share(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who gets a part of the money. Shares of a payment sum to its amount; what no share names belongs to the shop.

    ``kind`` ``sale``: the merchant's sales, of which commission by merchant and ``category`` is taken; ``tax`` and
    ``shipping`` go to those accounts (with ``merchant``: to that merchant, without commission).
    """

    kind: Literal["sale", "tax", "shipping"] = "sale"
    amount: int
    merchant: str | None = None
    category: str | None = None


class Payer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who pays, as far as a method needs it (boleto: ``name`` and ``tax_id``). ``address``: the client's IP, for velocity
    rules.
    """

    customer: str | None = None
    name: str | None = None
    email: str | None = None
    tax_id: Identifier | None = None
    country: str | None = None
    address: str | None = None


class NewMeans(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One means of payment. ``amount`` None (at most one means): what the others leave.

    ``token`` (card) is the provider's one-time token; ``saved_method`` a stored one in its place. ``save`` keeps the method
    for the customer, who consented to ``consent`` (the text's version) for ``usage``. ``code`` is a gift card's.
    ``expires_in_s`` is for Pix, ``due_on`` (a date) for a boleto.
    """

    method: PaymentMethod
    amount: int | None = None
    token: str | None = None
    saved_method: str | None = None
    save: bool = False
    consent: str | None = None
    usage: MandateUsage = "one_off"
    instalments: int = 1
    code: str | None = None
    expires_in_s: int | None = None
    due_on: str | None = None


class NewPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment to be made. ``key``: the same key again answers with the same payment; with another content:
    IdempotencyConflict.

    ``reference`` is what it is for, in the words of the caller (``order:…``). ``return_url``: where a provider's page sends the
    buyer back to.

    ``capture`` None: as the shop's setting says for its methods (``Payments.capture_moment``).
    """

    key: str
    reference: str
    amount: Money
    means: tuple[NewMeans, ...]
    capture: CapturePolicy | None = None
    shares: tuple[Share, ...] = ()
    payer: Payer = Payer()
    return_url: str | None = None


class BuyerAction(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer must do at the provider before the payment goes on: open ``url`` (3-D Secure)."""

    kind: Literal["redirect"] = "redirect"
    url: str


class PixCharge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Pix charge. ``payload`` is the BR Code to copy or to draw as QR; only the simulated provider gives ``test_pay_url``."""

    id: str
    payload: str
    expires_at: str
    qr_svg_url: str | None = None
    test_pay_url: str | None = None


class BoletoCharge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A boleto: ``line`` has the 47 digits to type, ``barcode`` the 44 to draw; due at the end of ``due_on`` (a date)."""

    id: str
    line: str
    barcode: str
    due_on: str
    pdf_url: str | None = None
    test_pay_url: str | None = None


class CardSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may be shown of a card."""

    brand: str
    last4: str
    exp_month: int | None = None
    exp_year: int | None = None


class MeansView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One means of a payment. ``id`` names it in captures and refunds of one means."""

    id: str
    method: PaymentMethod
    provider: str
    state: PaymentState
    amount: Money
    captured: Money
    refunded: Money
    reason: DeclineReason | None = None
    instalments: int = 1
    card: CardSummary | None = None
    action: BuyerAction | None = None
    pix: PixCharge | None = None
    boleto: BoletoCharge | None = None
    authorisation_expires_at: str | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment. ``action``, ``pix``, ``boleto``, ``reason`` repeat those of the means that has one; times are RFC 3339.

    ``captured`` is what the providers took, ``refunded`` what they gave back. ``in_review``: a person must look at it before
    the money is taken.
    """

    id: str
    reference: str
    state: PaymentState
    amount: Money
    captured: Money
    refunded: Money
    capture: CapturePolicy
    version: int
    created_at: str
    means: tuple[MeansView, ...] = ()
    reason: DeclineReason | None = None
    action: BuyerAction | None = None
    pix: PixCharge | None = None
    boleto: BoletoCharge | None = None
    in_review: bool = False


class InstalmentPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` payments of ``each``; ``total`` is what the buyer pays, with a fee if the buyer funds it."""

    count: int
    each: Money
    total: Money


class OfferedMethod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A method that can pay this amount. URLs are absolute and the provider's: no card number goes to the shop.

    ``public_key``: for the provider's own script in the browser, where it has one in place of a frame (Stripe.js).
    """

    method: PaymentMethod
    provider: str
    tokens_url: str | None = None
    frame_url: str | None = None
    public_key: str | None = None
    instalments: tuple[InstalmentPlan, ...] = ()
