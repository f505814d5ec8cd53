"""What a provider knows about a payment: values of the port that rules work with."""

from typing import Literal

import msgspec

from renga.domains.payments.contract.payments import (
    BoletoCharge,
    BuyerAction,
    CardSummary,
    DeclineReason,
    PaymentMethod,
    PixCharge,
)
from renga.kernel.money import Money

OperationKind = Literal["authorise", "capture", "void", "refund"]
#: The provider's view of one payment, in our words.
RecordState = Literal["action_needed", "pending", "authorised", "captured", "voided", "expired", "refused"]
DisputeState = Literal["opened", "won", "lost"]


class ProviderDispute(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute as the provider knows it. ``due_ms``: until when evidence counts."""

    id: str
    state: DisputeState
    amount: int
    reason: str
    due_ms: int | None = None


class ProviderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a provider knows about one payment, as totals: an older record changes nothing that a newer one said.

    ``ref``       the provider's id;  ``key``: the idempotency key of the authorisation, if the provider tells it
    ``captured``, ``refunded``  totals in minor units that the provider really took and gave back
    ``refusal``   why it was refused
    ``paid_ms``   when the buyer paid (Pix, boleto)
    """

    ref: str
    state: RecordState
    amount: Money
    captured: int = 0
    refunded: int = 0
    key: str | None = None
    refusal: DeclineReason | None = None
    method: PaymentMethod = "card"
    instalments: int = 1
    card: CardSummary | None = None
    action: BuyerAction | None = None
    pix: PixCharge | None = None
    boleto: BoletoCharge | None = None
    authorised_until_ms: int | None = None
    paid_ms: int | None = None
    disputes: tuple[ProviderDispute, ...] = ()
    saved_ref: str | None = None
