"""The events of payments. Routing keys are ``payments.<Event>``.

The subject is the payment's id; of gift cards, store credit and saved methods it is theirs. Amounts are minor units. Money that
moved is in exactly one PaymentCaptured, LateMoneyReceived or PaymentRefunded; the others say what a payment has become.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from renga.domains.payments.contract.payments import DeclineReason, PaymentMethod
from renga.kernel.facts import Fact

PaymentId = Annotated[
    str,
    Meta(description="The payment's id; also the event's subject.", examples=["019aa5d8-0001-7000-8000-000000000001"]),
]
Reference = Annotated[str, Meta(description="What is paid.", examples=["order:019aa5d8-0002"])]
Amount = Annotated[int, Meta(description="Minor units.", examples=[4990])]
Total = Annotated[int, Meta(description="Minor units, together until now.", examples=[4990])]
Currency = Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
Method = Annotated[PaymentMethod, Meta(description="The method of the means that did it.", examples=["card"])]
Reason = Annotated[DeclineReason | None, Meta(description="Why; null: unknown.", examples=["card_declined"])]
DisputeId = Annotated[str, Meta(description="The provider's id of the dispute.", examples=["dp_1"])]
CustomerId = Annotated[
    str, Meta(description="The customer; also the subject.", examples=["019aa5d8-0003-7000-8000-000000000001"])
]


class PaymentsFact(Fact, frozen=True, kw_only=True):
    """An event of this domain."""

    DOMAIN: ClassVar[str] = "payments"


SavedMethodId = Annotated[
    str,
    Meta(
        description="The saved method's id; also the event's subject.",
        examples=["019aa5d8-0004-7000-8000-000000000001"],
    ),
]


class PaymentFact(PaymentsFact, frozen=True, kw_only=True):
    """An event of one payment."""

    payment_id: PaymentId
    reference: Reference


class PaymentCreated(PaymentFact, frozen=True, kw_only=True):
    """Somebody began to pay."""

    amount: Amount
    currency: Currency
    methods: Annotated[
        tuple[PaymentMethod, ...], Meta(description="The method of each means.", examples=[["gift_card", "card"]])
    ]


class PaymentActionNeeded(PaymentFact, frozen=True, kw_only=True):
    """The buyer must do something at the provider."""


class PaymentPending(PaymentFact, frozen=True, kw_only=True):
    """The provider waits for the buyer's money (Pix, boleto)."""


class PaymentAuthorised(PaymentFact, frozen=True, kw_only=True):
    """Every means is authorised; no money was taken yet."""

    amount: Amount
    currency: Currency


Keeping = Literal["captured", "reauthorised", "nothing"]


class AuthorisationEnding(PaymentFact, frozen=True, kw_only=True):
    """An authorisation ends soon. ``keeping`` says what is being done about it; with ``nothing`` the money must be captured by
    hand before ``until``, or it is lost.
    """

    amount: Amount
    currency: Currency
    method: Method
    until: Annotated[str, Meta(description="When it ends (RFC 3339).", examples=["2027-01-10T00:00:00.000Z"])]
    keeping: Annotated[Keeping, Meta(description="What is being done about it.", examples=["reauthorised"])]


class PaymentCaptured(PaymentFact, frozen=True, kw_only=True):
    """Money was taken by one of the means; ``captured`` is that of all of them, ``complete``: nothing is left."""

    amount: Amount
    captured: Total
    currency: Currency
    method: Method
    complete: Annotated[bool, Meta(description="Everything is captured now.", examples=[True])]


class PaymentDeclined(PaymentFact, frozen=True, kw_only=True):
    """It was refused; every means is released."""

    reason: Reason


class PaymentExpired(PaymentFact, frozen=True, kw_only=True):
    """The buyer did not pay in time, or an authorisation ended."""


class PaymentVoided(PaymentFact, frozen=True, kw_only=True):
    """It was released without taking money."""


class PaymentRefunded(PaymentFact, frozen=True, kw_only=True):
    """A provider has given money back by one of the means; ``refunded`` is what this means has given back until now."""

    amount: Amount
    refunded: Total
    currency: Currency
    method: Method


class RefundRefused(PaymentFact, frozen=True, kw_only=True):
    """A provider refuses to give money back; the shares have it again."""

    amount: Amount
    currency: Currency
    reason: Reason


class LateMoneyReceived(PaymentFact, frozen=True, kw_only=True):
    """Money came when nobody waited for it any more, or more than was asked."""

    amount: Amount
    currency: Currency
    method: Method


class LateMoneySettled(PaymentFact, frozen=True, kw_only=True):
    """What was decided about late money; a refund follows as PaymentRefunded."""

    amount: Amount
    currency: Currency
    decision: Annotated[
        Literal["accept", "refund"], Meta(description="Whether the shop keeps it.", examples=["refund"])
    ]


class DisputeOpened(PaymentFact, frozen=True, kw_only=True):
    """The buyer disputes a payment at their bank; the provider holds the money back."""

    dispute_id: DisputeId
    amount: Amount
    currency: Currency
    why: Annotated[str, Meta(description="The provider's reason.", examples=["fraudulent"])]
    due_at: Annotated[
        str | None,
        Meta(description="Until when evidence counts; null: unknown.", examples=["2027-01-10T00:00:00.000Z"]),
    ]


class DisputeClosed(PaymentFact, frozen=True, kw_only=True):
    """A dispute was won (the shop has its money) or lost (the buyer has it)."""

    dispute_id: DisputeId
    amount: Amount
    currency: Currency
    outcome: Annotated[Literal["won", "lost"], Meta(description="For the shop.", examples=["won"])]


class PaymentMethodSaved(PaymentsFact, frozen=True, kw_only=True):
    """A customer let the shop keep a method of payment."""

    customer_id: CustomerId
    saved_method_id: SavedMethodId


class PaymentMethodRemoved(PaymentsFact, frozen=True, kw_only=True):
    """A customer had a saved method forgotten."""

    customer_id: CustomerId
    saved_method_id: SavedMethodId


class GiftCardIssued(PaymentsFact, frozen=True, kw_only=True):
    """A gift card was issued. The event does not contain its code."""

    gift_card_id: Annotated[
        str, Meta(description="Also the subject.", examples=["019aa5d8-0005-7000-8000-000000000001"])
    ]
    amount: Amount
    currency: Currency


class StoreCreditGranted(PaymentsFact, frozen=True, kw_only=True):
    """A customer got store credit."""

    customer_id: CustomerId
    amount: Amount
    currency: Currency


#: Every fact that this domain publishes.
EVENTS: tuple[type[Fact], ...] = (
    PaymentCreated, PaymentActionNeeded, PaymentPending, PaymentAuthorised, AuthorisationEnding,
    PaymentCaptured, PaymentDeclined,
    PaymentExpired, PaymentVoided, PaymentRefunded, RefundRefused, LateMoneyReceived, LateMoneySettled, DisputeOpened,
    DisputeClosed, PaymentMethodSaved, PaymentMethodRemoved, GiftCardIssued, StoreCreditGranted,
)  # fmt: skip
