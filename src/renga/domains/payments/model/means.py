"""What the store keeps of a payment: the payment, its means, its operations."""

from typing import Literal

import msgspec

from renga.domains.payments.contract.payments import (
    ASYNCHRONOUS_METHODS,
    INTERNAL_METHODS,
    BoletoCharge,
    BuyerAction,
    CapturePolicy,
    CardSummary,
    DeclineReason,
    MandateUsage,
    Payer,
    PaymentMethod,
    PaymentState,
    PixCharge,
)
from renga.domains.payments.model.records import OperationKind, ProviderDispute

#: The provider of gift cards and store credit: the ledger itself.
INTERNAL = "internal"
RiskDecision = Literal["allow", "review", "refuse"]
OperationState = Literal["open", "accepted", "refused", "action_needed", "pending", "unknown"]


class StoredShare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A share with what it got and gave back; ``commission``: what was taken of it when it was captured, by the rules of then.

    ``platform`` is what no share of the payment names.
    """

    kind: Literal["sale", "tax", "shipping", "platform"]
    amount: int
    merchant: str | None = None
    category: str | None = None
    commission: int = 0
    captured: int = 0
    refunded: int = 0


class StoredPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment. ``key``: digest of owner and idempotency key; ``fingerprint``: of its request.

    ``given_up``  nobody waits for its money any more: what is not captured is released, what comes is late
    ``reason``    why it was declined
    ``risk``      what the risk provider decided before the first capture
    ``reviewed``  what finance decided, after risk had held it for a review
    ``void_name`` name of the operations of the void that was asked for
    """

    id: str
    key: str
    fingerprint: str
    reference: str
    owner: str
    amount: int
    currency: str
    capture: CapturePolicy
    state: PaymentState
    version: int
    created_ms: int
    updated_ms: int
    customer: str | None = None
    shares: tuple[StoredShare, ...] = ()
    payer: Payer = Payer()
    return_url: str | None = None
    given_up: bool = False
    reason: DeclineReason | None = None
    risk: RiskDecision | None = None
    void_name: str | None = None
    reviewed: Literal["accept", "refuse"] | None = None


class OperationRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is needed to send an operation again. ``token`` is blanked when the operation is closed.

    ``fingerprint``  of the caller's request, if there was one
    ``split``        what each share of the payment gives back (refund)
    ``late``         the refund of late money; ``decided``: it was decided to refund it
    ``forced``       captured by hand: risk is not asked
    ``previous_ref`` the authorisation that this one replaces, because it ends soon
    """

    fingerprint: str = ""
    token: str | None = None
    saved_ref: str | None = None
    save: bool = False
    recurring: bool = False
    expires_in_s: int | None = None
    due_on: str | None = None
    final: bool = True
    reason: str = ""
    split: tuple[int, ...] = ()
    late: bool = False
    decided: bool = False
    forced: bool = False
    previous_ref: str | None = None


class StoredMeans(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One means. ``state`` is what is known; ``unsure`` names the operations whose outcome is not.

    ``captured``, ``refunded``   totals of the provider;  ``refund_asked``: total of refunds that were not refused
    ``late``       part of ``captured`` that came when nobody waited, and that nobody has decided about
    ``final``      nothing more can be captured
    ``stray``      the provider holds an authorisation of a means that had ended here
    ``account``    the gift card's id, or the customer of a store credit
    ``usage``      what a saved method may be used for;  ``saved_method``: the stored one that pays
    ``ending_told``  that its authorisation ends soon has been looked after and told
    ``wanted``     what its authorisation will be made of; None once that operation exists
    """

    id: str
    payment: str
    position: int
    method: PaymentMethod
    provider: str
    amount: int
    state: PaymentState = "created"
    captured: int = 0
    refunded: int = 0
    refund_asked: int = 0
    provider_ref: str | None = None
    authorised_until_ms: int | None = None
    expires_ms: int | None = None
    version: int = 0
    late: int = 0
    final: bool = False
    stray: bool = False
    unsure: tuple[OperationKind, ...] = ()
    reason: DeclineReason | None = None
    instalments: int = 1
    card: CardSummary | None = None
    action: BuyerAction | None = None
    pix: PixCharge | None = None
    boleto: BoletoCharge | None = None
    paid_ms: int | None = None
    disputes: tuple[ProviderDispute, ...] = ()
    account: str | None = None
    saved_method: str | None = None
    save: bool = False
    consent: str | None = None
    usage: MandateUsage = "one_off"
    wanted: OperationRequest | None = None
    ending_told: bool = False

    @property
    def internal(self) -> bool:
        return self.method in INTERNAL_METHODS

    @property
    def asynchronous(self) -> bool:
        return self.method in ASYNCHRONOUS_METHODS

    @property
    def capturable(self) -> int:
        """What may still be captured; a refund or dispute of what was captured before changes nothing about it."""
        held = (self.state == "authorised" or self.captured) and not self.final
        return max(self.amount - self.captured, 0) if held else 0

    @property
    def refundable(self) -> int:
        """What may still be given back: not late money, not what a dispute holds or took."""
        disputed = sum(one.amount for one in self.disputes if one.state != "won")
        return max(self.captured - self.late - self.refund_asked - disputed, 0)


class StoredOperation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One operation at a provider. ``key`` is the idempotency key of the call, stored before it is made.

    ``fence``   grows with each executor; an outcome is written only by the executor that holds the newest
    ``next_ms`` when somebody should look at it; None: it needs no provider
    """

    key: str
    payment: str
    means: str
    kind: OperationKind
    name: str
    amount: int
    created_ms: int
    state: OperationState = "open"
    fence: int = 1
    lease_until_ms: int = 0
    attempts: int = 1
    next_ms: int | None = None
    closed_ms: int | None = None
    reason: DeclineReason | None = None
    request: OperationRequest = OperationRequest()

    @property
    def live(self) -> bool:
        return self.closed_ms is None


class SavedMethod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A saved method with its mandate: what the customer consented to (``consent``: version of the text), when, for what."""

    id: str
    customer: str
    method: PaymentMethod
    provider: str
    saved_ref: str
    consent: str
    consented_ms: int
    usage: MandateUsage
    card: CardSummary | None = None
