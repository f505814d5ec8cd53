"""Messages of providers, and what needs somebody's eyes: parked webhooks, payments in review, unknown outcomes."""

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from renga.domains.payments.contract.payments import Payment
from renga.kernel.caller import Caller
from renga.kernel.money import Money

#: ``applied``: had its effect. ``parked``: fits nothing, tried again for a while. ``ignored``: given up, or nothing to do.
WebhookState = Literal["applied", "parked", "ignored"]
#: Why an event is parked or ignored.
WebhookReason = Literal["unknown_payment", "provider_away", "gone_at_provider", "conflict", "no_effect", "given_up"]

#: Limits: bytes of a webhook's body, events in it, characters of a provider's ids, items of a page.
WEBHOOK_BYTES_MAX = 262_144
WEBHOOK_EVENTS_MAX = 100
PROVIDER_ID_CHARS_MAX = 255
WEBHOOKS_PAGE_MAX = 100


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a provider. ``id`` is the provider's; ``kind`` and ``ref`` are in its words.

    ``tries``: how often its effect was tried; ``next_at``: when the worker tries again (RFC 3339; absent: never by itself).
    """

    provider: str
    id: str
    state: WebhookState
    kind: str
    ref: str
    received_at: str
    tries: int
    reason: WebhookReason | None = None
    payment: str | None = None
    next_at: str | None = None


class WebhookPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; ``next`` is the cursor of the next page."""

    items: tuple[WebhookEvent, ...]
    next: str | None = None


class WebhookReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """How many events a message had, and how many of them were seen for the first time."""

    events: int
    new: int


class UnknownOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation whose outcome nobody knows yet. ``key`` is what the provider knows it by; ``age_s`` since it was made."""

    key: str
    payment: str
    provider: str
    kind: str
    amount: Money
    age_s: int
    attempts: int


class PaymentOperations(Protocol):
    """What providers tell, and what finance decides by hand."""

    async def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> WebhookReceipt:
        """Take a provider's message: each event has its effect once, however often it comes and in any order.

        For everybody; the signature proves the provider. Raises ProviderNotFound, TooLarge, WebhookRefused, WebhookInvalid,
        Unavailable (nothing was kept: the provider sends again).
        """
        ...

    async def webhook_events(
        self, caller: Caller, *, state: WebhookState | None = None, cursor: str | None = None, limit: int = 50
    ) -> WebhookPage:
        """For READING_PAYMENTS. Raises Unprocessable for a cursor that is none."""
        ...

    async def replay(self, caller: Caller, provider: str, event_id: str) -> WebhookEvent:
        """Try an event again now; an applied one stays as it is. For MANAGING_PAYMENTS. Raises WebhookEventNotFound."""
        ...

    async def review(self, caller: Caller, payment_id: str, decision: Literal["accept", "refuse"]) -> Payment:
        """Decide about a payment that risk held: capture it (by its policy), or release it. The same decision again answers
        with the payment. For MANAGING_PAYMENTS. Raises PaymentNotFound, PaymentStateConflict, PaymentBusy.
        """
        ...

    async def unknown(self, caller: Caller, *, older_than_s: int = 60) -> tuple[UnknownOperation, ...]:
        """Operations whose outcome is unknown for longer than this, oldest first, at most 1,000. For READING_PAYMENTS."""
        ...
