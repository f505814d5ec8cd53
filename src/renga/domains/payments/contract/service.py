"""The interface of payments for other domains and for its own faces."""

from typing import Literal, Protocol

import msgspec

from renga.domains.payments.contract.ledger_reading import Ledger
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.contract.payments import (
    CaptureMoment,
    NewPayment,
    OfferedMethod,
    Payment,
    PaymentMethod,
)
from renga.kernel.caller import Caller
from renga.kernel.money import Money
from renga.kernel.once import Replay


class CaptureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Take money of an authorised payment. ``amount`` None: all that is left. ``key``: idempotency key of the caller.

    ``final``: what is not captured is released. ``currency`` None: the payment's; another one is refused.
    """

    key: str
    amount: int | None = None
    currency: str | None = None
    final: bool = True


class VoidRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Release what is not captured."""

    key: str


class RefundShare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose money is given back: the share with these names gets less."""

    kind: Literal["sale", "tax", "shipping"] = "sale"
    amount: int
    merchant: str | None = None
    category: str | None = None


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Give money back. ``amount`` None: all that is left. ``shares`` sum to it; without them every share gives its part.

    ``means``: the id of the means that gets it; None: the last one first (card, Pix, boleto), then gift cards and store credit.
    ``currency`` None: the payment's; another one is refused.
    """

    key: str
    amount: int | None = None
    currency: str | None = None
    shares: tuple[RefundShare, ...] = ()
    means: str | None = None
    reason: str = ""


class LateMoney(Protocol):
    """Asked when money arrives for a payment that nobody waits for any more (expired, voided, cancelled, paid twice)."""

    async def settle(self, reference: str, amount: Money) -> Literal["accept", "refund"]:
        """Whether the owner of the reference takes the money after all. Asked again after a crash: answer the same."""
        ...


class Payments(Protocol):
    """Payments. Every method raises Unauthenticated, InsufficientScope and Unavailable; what is found belongs to the caller
    (PAYING: own payments), or the caller reads all (READING_PAYMENTS). A call whose key was used before changes
    nothing, answers with the payment as it is now, and notes that in ``replay``.
    """

    @property
    def ledger(self) -> Ledger:
        """What the ledger says."""
        ...

    @property
    def finance(self) -> FinanceManagement:
        """Commission, payouts, disputes, settlements, reconciliation."""
        ...

    async def offered(self, amount: Money, country: str) -> tuple[OfferedMethod, ...]:
        """The methods that can pay this amount from this country. For everybody. Raises Unprocessable."""
        ...

    async def capture_moment(self, method: PaymentMethod) -> CaptureMoment:
        """When the shop takes the money of this method: a setting, checked against what the provider can do."""
        ...

    async def pay(self, caller: Caller, new: NewPayment, *, replay: Replay | None = None) -> Payment:
        """Make a payment: authorise every means, or none; with ``capture: now`` also take the money.

        A refusal is a payment in the state ``declined``, not an error. Raises PaymentInvalid, MethodUnavailable,
        IdempotencyConflict, GiftCardNotFound, SavedMethodNotFound.
        """
        ...

    async def payment(self, caller: Caller, payment_id: str) -> Payment:
        """Raises PaymentNotFound."""
        ...

    async def payments_of(self, caller: Caller, reference: str) -> tuple[Payment, ...]:
        """The payments of a reference, newest first."""
        ...

    async def capture(
        self, caller: Caller, payment_id: str, request: CaptureRequest, *, replay: Replay | None = None
    ) -> Payment:
        """Raises PaymentNotFound, PaymentStateConflict, AmountExceeded, ProviderUnsupported, PaymentBusy,
        PaymentInvalid, IdempotencyConflict.
        """
        ...

    async def void(
        self, caller: Caller, payment_id: str, request: VoidRequest, *, replay: Replay | None = None
    ) -> Payment:
        """Raises PaymentNotFound, PaymentStateConflict, PaymentBusy, ProviderUnsupported."""
        ...

    async def refund(
        self, caller: Caller, payment_id: str, request: RefundRequest, *, replay: Replay | None = None
    ) -> Payment:
        """Raises PaymentNotFound, PaymentStateConflict, AmountExceeded, ProviderUnsupported, PaymentBusy,
        PaymentInvalid, IdempotencyConflict.
        """
        ...

    async def gift_card_balance(self, caller: Caller, code: str) -> Money:
        """What is left on the gift card with this code; it may be gone a moment later. Raises GiftCardNotFound."""
        ...

    def answer_late_money(self, answer: LateMoney) -> None:
        """From now on this process asks ``answer``; before, late money is given back."""
        ...
