"""The port of a payment provider. ``docs/guides/payment-provider.md`` says how to add one;
``tests/ports/test_payment_providers.py`` is the suite that each one passes.

Every call that moves money carries an idempotency key that was stored before the call. A call never raises for what the
provider decides: it returns an ``Outcome``. If the adapter does not know whether the provider acted (time-out, connection lost
after sending, 5xx), the outcome is ``unknown``; ``find`` asks for it later.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from renga.domains.payments.contract.payments import DeclineReason, Payer, PaymentMethod
from renga.domains.payments.contract.settlements import SettlementFile as SettlementFile
from renga.domains.payments.contract.settlements import SettlementLine as SettlementLine
from renga.domains.payments.model.records import DisputeState as DisputeState
from renga.domains.payments.model.records import OperationKind as OperationKind
from renga.domains.payments.model.records import ProviderDispute as ProviderDispute
from renga.domains.payments.model.records import ProviderRecord as ProviderRecord
from renga.domains.payments.model.records import RecordState as RecordState
from renga.kernel.money import Money

OutcomeKind = Literal["accepted", "refused", "action_needed", "pending", "unknown"]


class MethodCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider can do with one method.

    ``captures``              how often an authorisation can be captured; ``partial_capture``: less than the whole (the rest is
    released)
    ``refunds``               how often a capture can be refunded; ``partial_refund``: less than the whole
    ``authorisation_life_s``  after this an authorisation ends by itself; None: it does not
    ``reauthorise``           a new authorisation may replace one that ends soon (``previous_ref``)
    ``instalments_max``       1: no instalments
    ``asynchronous``          the buyer pays elsewhere, later
    ``amount_min``, ``amount_max``  minor units
    """

    captures: Literal["none", "one", "many"] = "one"
    partial_capture: bool = False
    void: bool = True
    refunds: Literal["none", "one", "many"] = "many"
    partial_refund: bool = True
    authorisation_life_s: int | None = None
    instalments_max: int = 1
    split: bool = False
    asynchronous: bool = False
    saved: bool = False
    reauthorise: bool = False
    disputes: bool = False
    currencies: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    amount_min: int = 1
    amount_max: int = 9_007_199_254_740_991


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider offers. ``tokens_url`` and ``frame_url`` (absolute): where browsers hand in a card.

    ``public_key``: for the provider's own script in a browser (Stripe.js), which makes the token.
    """

    methods: Mapping[PaymentMethod, MethodCapabilities]
    tokens_url: str | None = None
    frame_url: str | None = None
    public_key: str | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one operation. ``record`` is the payment after it (None if refused before it existed, or unknown)."""

    kind: OutcomeKind
    reason: DeclineReason | None = None
    record: ProviderRecord | None = None
    detail: str = ""


class Authorise(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for money. ``capture`` True: take it at once, if the method can. ``means`` is our id, kept by the provider as
    metadata.

    ``previous_ref``: an authorisation that this one replaces, because it ends soon. With ``save`` and the amount 0 nothing is
    paid: the provider only keeps the method (``saved``), and the record has ``saved_ref``.
    """

    key: str
    means: str
    reference: str
    method: PaymentMethod
    amount: Money
    token: str | None = None
    saved_ref: str | None = None
    save: bool = False
    recurring: bool = False
    instalments: int = 1
    capture: bool = False
    payer: Payer = Payer()
    return_url: str | None = None
    expires_in_s: int | None = None
    due_on: str | None = None
    previous_ref: str | None = None


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """Take ``amount`` of an authorisation; ``final``: release the rest."""

    key: str
    ref: str
    amount: Money
    final: bool = True


class Void(msgspec.Struct, frozen=True, kw_only=True):
    """Release an authorisation, or withdraw a Pix or boleto that is not paid."""

    key: str
    ref: str
    method: PaymentMethod


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Give ``amount`` back."""

    key: str
    ref: str
    method: PaymentMethod
    amount: Money
    reason: str = ""


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """Ask what became of the operation with ``key``. ``ref`` is known for all but an authorisation."""

    key: str
    kind: OperationKind
    method: PaymentMethod
    means: str
    ref: str | None = None


class ProviderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One verified message of a provider. ``id`` is the provider's, unique. ``record`` is the payment as the message tells it.

    ``record`` None: the message only names the payment (``ref``), which must be read (``read``) to know more. ``means``: our
    id, if the provider gives it back (a message may arrive before the answer that tells us the provider's id).
    """

    id: str
    kind: str
    ref: str
    means: str | None = None
    record: ProviderRecord | None = None
    dispute: ProviderDispute | None = None


class PaymentProvider(Protocol):
    """A provider. ``find``, ``read``, ``records`` and ``settlement`` raise ProviderAway; the others never raise for a
    provider's fault.
    """

    @property
    def name(self) -> str:
        """In URLs and the ledger: lower-case letters."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it offers; constant while the process runs."""
        ...

    async def authorise(self, order: Authorise) -> Outcome:
        """Ask for money. ``action_needed``: the buyer goes to ``record.action.url``; ``pending``: they pay elsewhere, later."""
        ...

    async def capture(self, order: Capture) -> Outcome:
        """Take money of an authorisation; refused beyond what is authorised."""
        ...

    async def void(self, order: Void) -> Outcome:
        """Release what is not captured; refused if there is nothing to release."""
        ...

    async def refund(self, order: Refund) -> Outcome:
        """Give captured money back; refused beyond what is captured. ``pending``: it takes days."""
        ...

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        """What became of an operation. None: the provider has never seen the key, so sending it again (same key) is safe."""
        ...

    async def read(self, ref: str, method: PaymentMethod) -> ProviderRecord | None:
        """A payment as the provider knows it now; None: it does not exist there."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Sequence[ProviderEvent]:
        """The messages of a webhook. Raises WebhookRefused, WebhookInvalid.

        Names of headers are in lower case; ``:query`` is the query of the URL, for providers that sign nothing.
        """
        ...

    def records(self, day: str) -> AsyncIterator[ProviderRecord]:
        """Every payment that was made or changed on a day (UTC), as it is now; for reconciliation."""
        ...

    async def settlement(self, day: str) -> SettlementFile | None:
        """The settlement file of a day; None if there is none (yet)."""
        ...

    async def remove_saved(self, saved_ref: str) -> None:
        """Forget a saved method at the provider; nothing happens if it does not exist. Raises ProviderAway."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class TakesEvidence(Protocol):
    """What a provider that takes evidence has besides."""

    async def submit_evidence(self, key: str, dispute: str, kind: str, text: str) -> bool:
        """Hand in a text for a dispute (the provider's id). False: the provider takes none for it (any more).

        The same ``key`` again hands it in once. Raises ProviderAway.
        """
        ...
