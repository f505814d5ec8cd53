"""Where payments are kept. Everything about one payment is changed under the lock of its row."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.model.means import SavedMethod, StoredMeans, StoredOperation, StoredPayment
from renga.domains.payments.model.records import ProviderDispute
from renga.domains.payments.model.shares import CommissionRates
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.kernel.events import Event
from renga.kernel.once import Once


class PaymentKeyTaken(Exception):
    """A payment with this key exists; nothing was written."""


class StoredGiftCard(msgspec.Struct, frozen=True, kw_only=True):
    """A gift card; ``left`` is what the ledger says is on it, in minor units."""

    id: str
    currency: str
    initial: int
    left: int
    created_ms: int


class Attempts(msgspec.Struct, frozen=True, kw_only=True):
    """When payments of the same reference, and from the same address, were declined; how many have no answer yet."""

    of_reference_ms: tuple[int, ...] = ()
    of_address_ms: tuple[int, ...] = ()
    open_attempts: int = 0


class WholePayment(msgspec.Struct, frozen=True):
    """A payment with its means in order and its operations, as they were read; without a lock."""

    payment: StoredPayment
    means: tuple[StoredMeans, ...]
    operations: tuple[StoredOperation, ...]


class PaymentUnit(Protocol):
    """One transaction on a payment whose row is locked. It is committed when the context ends without an exception.

    ``payment``, ``means`` (by id, in order) and ``operations`` (by key) are working copies: what is ``put`` replaces one and is
    written at the end, together with what was posted and appended. ``rates``: the rules of commission when it was opened.
    """

    payment: StoredPayment
    means: dict[str, StoredMeans]
    operations: dict[str, StoredOperation]
    rates: CommissionRates

    def put_payment(self, payment: StoredPayment) -> None:
        """The payment is like this now."""
        ...

    def put_means(self, means: StoredMeans) -> None:
        """The means is like this now."""
        ...

    def put_operation(self, operation: StoredOperation) -> None:
        """The operation is like this now, or is a new one."""
        ...

    def put_dispute(self, means: str, dispute: ProviderDispute) -> None:
        """A dispute of a means is like this now (the list that finance works with)."""
        ...

    def put_saved(self, saved: SavedMethod) -> None:
        """Keep a saved method. The provider's id again, for the same customer: the newer consent holds."""
        ...

    def post(self, *transactions: LedgerTransaction) -> None:
        """Write to the ledger."""
        ...

    def append(self, *events: Event) -> None:
        """Record events."""
        ...

    async def hold_gift_card(self, digest: bytes) -> StoredGiftCard | None:
        """The gift card with a code, locked until the transaction ends; None: there is none."""
        ...

    async def hold_store_credit(self, customer: str, currency: str) -> int:
        """What the shop owes a customer, locked until the transaction ends."""
        ...

    async def hold_attempts(self, *, since_ms: int, open_since_ms: int, limit: int) -> Attempts:
        """The newest declines since then, and the attempts without an answer, of the payment's reference and its payer's
        address. Other attempts of the reference wait until the transaction ends.
        """
        ...

    async def put_webhook(self, event: StoredWebhook) -> bool:
        """Keep an event together with its effect; False: it had its effect (or was ignored) before, so it has none now."""
        ...

    async def claim(self, once: Once, now_ms: int) -> bytes | None:
        """None: this unit must do the work. Else the answer of the first call. Raises IdempotencyConflict."""
        ...

    async def keep(self, once: Once, answer: bytes) -> None:
        """Store the answer of a claimed key."""
        ...

    async def write(self) -> None:
        """Write now what was put, posted and appended until now; else it is written at the end."""
        ...


class PaymentStore(Protocol):
    """Every method raises Unavailable; a unit raises OutcomeUnknown if it may have been committed."""

    def unit(self, payment_id: str) -> AbstractAsyncContextManager[PaymentUnit]:
        """Raises PaymentNotFound."""
        ...

    def unit_of(
        self, provider: str, *, ref: str | None = None, means: str | None = None
    ) -> AbstractAsyncContextManager[PaymentUnit | None]:
        """The unit of the payment that has a means with the provider's id, or else with our id of a means; None: no payment has
        it.
        """
        ...

    def new_unit(
        self, payment: StoredPayment, means: Sequence[StoredMeans]
    ) -> AbstractAsyncContextManager[PaymentUnit]:
        """A unit that inserts a payment. Raises PaymentKeyTaken at its end: nothing was written."""
        ...

    async def payment(self, payment_id: str) -> WholePayment | None:
        """With its means and operations; None: there is no such payment."""
        ...

    async def payment_by_key(self, key: str) -> WholePayment | None:
        """The payment that was made with this digest of owner and idempotency key."""
        ...

    async def payments_of(self, reference: str, owner: str | None, limit: int) -> Sequence[WholePayment]:
        """Newest first, without their operations; ``owner`` None: everybody's."""
        ...

    async def claim_operation(self, key: str, now_ms: int, lease_until_ms: int) -> StoredOperation | None:
        """Become the executor of an operation: its fence grows. None: it is closed, or another executor's lease holds."""
        ...

    async def due_operations(self, now_ms: int, limit: int) -> Sequence[StoredOperation]:
        """Live operations that somebody should look at, the longest waiting first."""
        ...


class WalletStore(Protocol):
    """Gift cards, store credit and saved methods. Every method raises Unavailable."""

    async def issue_gift_card(
        self,
        card: StoredGiftCard,
        digest: bytes,
        posting: LedgerTransaction,
        event: Event,
        once: Once | None,
        answer: bytes,
    ) -> bytes:
        """Insert a gift card; returns ``answer``, or the stored one of an earlier call. Raises IdempotencyConflict."""
        ...

    async def gift_card(self, identifier: str) -> StoredGiftCard | None:
        """With what is left on it; None: there is no such gift card."""
        ...

    async def gift_card_of_code(self, digest: bytes) -> StoredGiftCard | None:
        """As ``gift_card``, by the digest of its code."""
        ...

    async def grant_store_credit(
        self, customer: str, posting: LedgerTransaction, event: Event, once: Once | None, answer: bytes, now_ms: int
    ) -> bytes:
        """As ``issue_gift_card``."""
        ...

    async def store_credit(self, customer: str) -> dict[str, int]:
        """What the shop owes a customer, in minor units by currency."""
        ...

    async def saved_methods(self, customer: str) -> Sequence[SavedMethod]:
        """Newest first."""
        ...

    async def saved_method(self, customer: str, identifier: str) -> SavedMethod | None:
        """None: the customer has no such method (any more)."""
        ...

    async def remove_saved(self, customer: str, identifier: str, event: Event, now_ms: int) -> bool:
        """False: it does not exist (any more)."""
        ...

    async def forget_payer(self, customer: str) -> None:
        """Remove a person's name, e-mail address, tax number and network address from their payments."""
        ...
