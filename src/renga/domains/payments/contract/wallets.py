"""Gift cards, store credit and saved methods: what finance gives and customers keep."""

from typing import Protocol

import msgspec

from renga.domains.payments.contract.payments import (
    CapturePolicy,
    CardSummary,
    MandateUsage,
    Payer,
    Payment,
    PaymentMethod,
    Share,
)
from renga.kernel.caller import Caller
from renga.kernel.money import Money
from renga.kernel.once import Replay


def plain_code(code: str) -> str:
    """The code of a gift card as it is compared: in capitals, without hyphens and blanks."""
    return "".join(character for character in code.upper() if character.isalnum())


class NewGiftCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gift card to be issued."""

    amount: Money


class GiftCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A gift card; ``left`` is what can be paid with it. ``code`` is told once, when it is issued."""

    id: str
    initial: Money
    left: Money
    created_at: str
    code: str | None = None


class NewStoreCredit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Store credit for a customer (the account's id). ``reason`` is for the record."""

    customer: str
    amount: Money
    reason: str = ""


class StoreCredit(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop owes a customer, one balance per currency."""

    customer: str
    balances: tuple[Money, ...]


class SavedPaymentMethod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A saved method, with what the customer consented to: version of the text, when, and for what."""

    id: str
    method: PaymentMethod
    provider: str
    usage: MandateUsage
    consent: str
    consented_at: str
    card: CardSummary | None = None


class SavedCharge(msgspec.Struct, frozen=True, kw_only=True):
    """A payment by a saved method without the customer's presence, as ``NewPayment``. Needs a mandate for recurring use."""

    key: str
    reference: str
    amount: Money
    customer: str
    saved_method: str
    capture: CapturePolicy = "now"
    shares: tuple[Share, ...] = ()
    payer: Payer = Payer()


class Wallets(Protocol):
    """Every method raises Unauthenticated, InsufficientScope and Unavailable. ``key``: idempotency key of the caller."""

    async def issue_gift_card(
        self, caller: Caller, new: NewGiftCard, *, key: str | None = None, replay: Replay | None = None
    ) -> GiftCard:
        """For MANAGING_PAYMENTS. The same key again: the same card, with its code; ``replay`` says so. Raises PaymentInvalid,
        IdempotencyConflict.
        """
        ...

    async def gift_card(self, caller: Caller, identifier: str) -> GiftCard:
        """For READING_PAYMENTS. Raises GiftCardNotFound."""
        ...

    async def grant_store_credit(
        self, caller: Caller, new: NewStoreCredit, *, key: str | None = None, replay: Replay | None = None
    ) -> StoreCredit:
        """For MANAGING_PAYMENTS. The balances after it. Raises PaymentInvalid, IdempotencyConflict."""
        ...

    async def own_store_credit(self, caller: Caller) -> StoreCredit:
        """The caller's own."""
        ...

    async def saved_methods(self, caller: Caller) -> tuple[SavedPaymentMethod, ...]:
        """The caller's own, newest first."""
        ...

    async def remove_saved_method(self, caller: Caller, identifier: str) -> None:
        """Forget one of the caller's own, at the provider, too. Raises SavedMethodNotFound, ProviderAway."""
        ...

    async def charge_saved(self, caller: Caller, charge: SavedCharge) -> Payment:
        """For PAYING: subscriptions. Raises as ``Payments.pay``; PaymentInvalid without a mandate for recurring use."""
        ...
