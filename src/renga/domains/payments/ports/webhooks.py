"""Where messages of providers are kept: the inbox that gives each event its effect once, and those that fit nothing yet."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.contract.webhooks import WebhookReason, WebhookState


class StoredWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a provider. ``body``: the event as it was understood (JSON), without anything else that was sent.

    ``next_ms``: when a worker tries a parked one again; None: never by itself.
    """

    provider: str
    id: str
    state: WebhookState
    kind: str
    ref: str
    received_ms: int
    body: bytes
    tries: int = 1
    reason: WebhookReason | None = None
    payment: str | None = None
    means: str | None = None
    next_ms: int | None = None


class WebhookStore(Protocol):
    """Every method raises Unavailable. An event that has its effect is written by the payment's unit (``put_webhook``)."""

    async def known(self, provider: str, event_ids: Sequence[str]) -> frozenset[str]:
        """Which of these events were kept before, parked ones included."""
        ...

    async def method_of(self, provider: str, ref: str, means: str | None) -> PaymentMethod | None:
        """The method of the means with the provider's id, or else with our id; None: there is none."""
        ...

    async def park(self, event: StoredWebhook) -> bool:
        """Keep an event that has no effect now; False: it was kept before, and stays as it is."""
        ...

    async def try_again(self, event: StoredWebhook) -> None:
        """An event was tried without effect: its state, reason, tries and next time are these, unless it is applied now."""
        ...

    async def event(self, provider: str, event_id: str) -> StoredWebhook | None:
        """None: it was never received, or is forgotten."""
        ...

    async def events(
        self, state: WebhookState | None, before: tuple[int, str, str] | None, limit: int
    ) -> Sequence[StoredWebhook]:
        """Newest first; ``before``: (received_ms, provider, id) of the last one of the previous page."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete events that are not parked and were received before; returns how many."""
        ...
