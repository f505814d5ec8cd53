"""What the provider's API says, as far as it is read here."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.payments import CardSummary, DeclineReason, PaymentMethod
from renga.domains.payments.model.records import DisputeState, RecordState
from renga.domains.payments.ports.provider import OperationKind, OutcomeKind
from renga.kernel.money import AMOUNT_MAX

#: What the provider's ids look like.
ID = r"[A-Za-z0-9_.-]{1,100}"
_Id = Annotated[str, Meta(pattern=rf"^{ID}\Z")]
_Sum = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
_Code = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
_Words = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")]


class ActionBody(msgspec.Struct, frozen=True):
    url: str


class PixBody(msgspec.Struct, frozen=True):
    id: _Id
    payload: str
    expires_at: str
    test_pay_url: str


class BoletoBody(msgspec.Struct, frozen=True):
    id: _Id
    line: str
    barcode: str
    due_on: str
    test_pay_url: str


class InstalmentsBody(msgspec.Struct, frozen=True):
    count: int


class DisputeBody(msgspec.Struct, frozen=True):
    id: _Id
    state: DisputeState
    amount: _Sum
    reason: _Words
    due_at: str


class SimulatedPaymentBody(msgspec.Struct, frozen=True, kw_only=True):
    """A payment; members that are not named here are passed over."""

    id: _Id
    state: RecordState
    method: PaymentMethod
    amount: _Sum
    currency: _Code
    captured: _Sum
    refunded: _Sum
    key: _Words | None = None
    metadata: dict[str, _Words] = {}
    reason: str | None = None
    card: CardSummary | None = None
    action: ActionBody | None = None
    pix: PixBody | None = None
    boleto: BoletoBody | None = None
    instalments: InstalmentsBody | None = None
    authorised_until: str | None = None
    paid_at: str | None = None
    disputes: tuple[DisputeBody, ...] = ()
    saved_method: _Id | None = None


class OperationBody(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an operation."""

    kind: OperationKind
    outcome: OutcomeKind
    reason: str | None = None
    payment: SimulatedPaymentBody | None = None


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True):
    code: str = ""
    detail: str = ""
    payment: SimulatedPaymentBody | None = None


class EventBody(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the provider."""

    id: _Id
    type: _Id
    payment: SimulatedPaymentBody
    dispute: DisputeBody | None = None


class PageBody(msgspec.Struct, frozen=True):
    items: tuple[SimulatedPaymentBody, ...]
    next: int | None = None


#: Standard reasons by the provider's.
REASONS: dict[str, DeclineReason] = {
    "card_declined": "card_declined",
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "incorrect_cvc": "incorrect_cvc",
    "lost_card": "lost_or_stolen",
    "stolen_card": "lost_or_stolen",
    "limit_exceeded": "limit_exceeded",
    "challenge_failed": "challenge_failed",
    "challenge_expired": "challenge_failed",
    "token_invalid": "token_invalid",
    "expired": "expired",
    "cancelled": "cancelled",
    "method_unavailable": "method_unavailable",
    "capture_exceeds": "amount_invalid",
    "refund_exceeds": "amount_invalid",
}


def reason_of(said: str | None) -> DeclineReason:
    """The standard reason; one that is not known is the provider's own trouble."""
    return REASONS.get(said or "", "provider_error")
