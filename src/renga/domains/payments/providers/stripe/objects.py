"""Stripe's objects, as far as we read them. https://docs.stripe.com/api"""

from typing import Annotated, Generic, TypeVar

import msgspec

from renga.kernel.money import AMOUNT_MAX

#: Ids go to our database: only what Stripe's ids are made of.
StripeId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_]{1,255}\Z")]
Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,100}\Z")]
Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
SignedAmount = Annotated[int, msgspec.Meta(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]
#: Unix time in seconds, until the year 9999.
Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
Item = TypeVar("Item")


class StripeCard(msgspec.Struct, frozen=True):
    brand: Word | None = None
    last4: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\Z")] | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    capture_before: Seconds | None = None


class StripeMethodDetails(msgspec.Struct, frozen=True):
    card: StripeCard | None = None


class StripeCharge(msgspec.Struct, frozen=True):
    id: StripeId
    amount: Amount = 0
    captured: bool = False
    amount_captured: Amount | None = None
    amount_refunded: Amount = 0
    disputed: bool = False
    payment_intent: StripeId | None = None
    payment_method_details: StripeMethodDetails | None = None
    failure_code: Word | None = None
    metadata: dict[str, str] | None = None


class StripeRedirect(msgspec.Struct, frozen=True):
    url: str | None = None


class StripeNextAction(msgspec.Struct, frozen=True):
    type: Word
    redirect_to_url: StripeRedirect | None = None


class StripeFailure(msgspec.Struct, frozen=True):
    """``error`` of an answer, or an intent's ``last_payment_error``."""

    type: Word | None = None
    code: Word | None = None
    decline_code: Word | None = None
    param: str | None = None
    message: str | None = None
    payment_intent: "StripeIntent | None" = None


class StripeIntent(msgspec.Struct, frozen=True):
    """A PaymentIntent. ``latest_charge`` is its id, or the charge itself where it was expanded."""

    id: StripeId
    status: Word
    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{3}\Z")]
    created: Seconds = 0
    amount_received: Amount | None = None
    metadata: dict[str, str] | None = None
    latest_charge: StripeCharge | str | None = None
    next_action: StripeNextAction | None = None
    last_payment_error: StripeFailure | None = None
    cancellation_reason: Word | None = None
    customer: StripeId | None = None
    payment_method: StripeId | None = None
    setup_future_usage: Word | None = None


class StripeSetup(msgspec.Struct, frozen=True):
    """A SetupIntent."""

    id: StripeId
    status: Word
    metadata: dict[str, str] | None = None
    next_action: StripeNextAction | None = None
    last_setup_error: StripeFailure | None = None
    customer: StripeId | None = None
    payment_method: StripeId | None = None


class StripeRefund(msgspec.Struct, frozen=True):
    id: StripeId
    amount: Amount
    status: Word | None = None
    payment_intent: StripeId | None = None
    failure_reason: Word | None = None
    metadata: dict[str, str] | None = None


class StripeEvidence(msgspec.Struct, frozen=True):
    due_by: Seconds | None = None


class StripeDispute(msgspec.Struct, frozen=True):
    id: StripeId
    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{3}\Z")]
    status: Word
    reason: Word = "general"
    payment_intent: StripeId | None = None
    evidence_details: StripeEvidence | None = None


class StripeNamed(msgspec.Struct, frozen=True):
    """Any object of which only the id matters."""

    id: StripeId


class StripeSource(msgspec.Struct, frozen=True):
    """What moved the balance: a charge, a refund or a dispute."""

    id: StripeId
    object: Word = ""
    payment_intent: StripeId | None = None


class StripeMovement(msgspec.Struct, frozen=True):
    """A balance transaction, with its source expanded."""

    id: StripeId
    type: Word
    amount: SignedAmount
    fee: SignedAmount
    net: SignedAmount
    currency: str
    created: Seconds = 0
    source: StripeSource | str | None = None


class StripePayout(msgspec.Struct, frozen=True):
    id: StripeId
    status: Word


class StripeList(msgspec.Struct, Generic[Item], frozen=True):
    data: tuple[Item, ...] = ()
    has_more: bool = False


class StripeEventData(msgspec.Struct, frozen=True):
    object: msgspec.Raw


class StripeEvent(msgspec.Struct, frozen=True):
    id: StripeId
    type: Word
    data: StripeEventData
