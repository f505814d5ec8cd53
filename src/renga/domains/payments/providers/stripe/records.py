"""Stripe's objects as records of the port."""

from collections.abc import Sequence

from renga.domains.payments.contract.payments import BuyerAction, CardSummary
from renga.domains.payments.ports.provider import DisputeState, ProviderDispute, ProviderRecord, RecordState
from renga.domains.payments.providers.stripe.amounts import from_stripe
from renga.domains.payments.providers.stripe.objects import (
    StripeCard,
    StripeCharge,
    StripeDispute,
    StripeIntent,
    StripeNextAction,
    StripeRefund,
    StripeSetup,
)
from renga.domains.payments.providers.stripe.reasons import reason_of
from renga.kernel.money import Money

#: Names in an intent's metadata: our id of the means, and the key of the request that made the object.
MEANS, KEY, REFERENCE = "renga_means", "renga_key", "renga_reference"
MS = 1000

_STATES: dict[str, RecordState] = {
    "requires_payment_method": "refused",
    "requires_confirmation": "pending",
    "requires_action": "action_needed",
    "processing": "pending",
    "requires_capture": "authorised",
    "succeeded": "captured",
    "canceled": "voided",
}
_DISPUTES: dict[str, DisputeState] = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}
#: Stripe's reason of a cancellation when an authorisation has ended by itself.
_ENDED = "automatic"
#: A saved method: the customer that owns it and the method, since Stripe wants both.
_SAVED_SEPARATOR = "/"


def record_of(
    intent: StripeIntent, refunds: Sequence[StripeRefund] = (), disputes: Sequence[StripeDispute] = ()
) -> ProviderRecord:
    """What Stripe knows of a payment. ``refunds``, ``disputes``: all of it. Raises AmountUnreadable."""
    charge = intent.latest_charge if isinstance(intent.latest_charge, StripeCharge) else None
    card = _card(charge)
    state = _state(intent)
    refunded = sum(one.amount for one in refunds if one.status == "succeeded")
    metadata = intent.metadata or {}
    return ProviderRecord(
        ref=intent.id,
        state=state,
        amount=from_stripe(intent.amount, intent.currency),
        captured=from_stripe(captured_of(intent), intent.currency).amount,
        refunded=from_stripe(refunded, intent.currency).amount,
        key=metadata.get(KEY),
        refusal=reason_of(intent.last_payment_error) if state == "refused" else None,
        card=summary_of(card),
        action=action_of(intent.next_action),
        authorised_until_ms=card.capture_before * MS if card and card.capture_before else None,
        disputes=tuple(dispute_of(one) for one in disputes),
        saved_ref=saved_ref(intent.customer, intent.payment_method) if _keeps_method(intent) else None,
    )


def record_of_setup(setup: StripeSetup, amount: Money) -> ProviderRecord:
    """A method that was kept without a payment: an authorisation of ``amount`` 0."""
    succeeded = setup.status == "succeeded"
    state: RecordState = "authorised" if succeeded else _STATES.get(setup.status, "pending")
    return ProviderRecord(
        ref=setup.id,
        state=state,
        amount=amount,
        key=(setup.metadata or {}).get(KEY),
        refusal=reason_of(setup.last_setup_error) if state == "refused" else None,
        action=action_of(setup.next_action),
        saved_ref=saved_ref(setup.customer, setup.payment_method) if succeeded else None,
    )


def captured_of(intent: StripeIntent) -> int:
    """How much Stripe took. Servers that do not tell the intent's total tell the charge's."""
    if intent.amount_received is not None:
        return intent.amount_received
    charge = intent.latest_charge
    if not isinstance(charge, StripeCharge) or not charge.captured:
        return 0
    return charge.amount if charge.amount_captured is None else charge.amount_captured


def dispute_of(dispute: StripeDispute) -> ProviderDispute:
    """Raises AmountUnreadable."""
    due = dispute.evidence_details.due_by if dispute.evidence_details else None
    return ProviderDispute(
        id=dispute.id,
        state=_DISPUTES.get(dispute.status, "opened"),
        amount=from_stripe(dispute.amount, dispute.currency).amount,
        reason=dispute.reason,
        due_ms=None if due is None else due * MS,
    )


def saved_ref(customer: str | None, method: str | None) -> str | None:
    """Names a saved method; ``split_saved`` is the way back."""
    return f"{customer}{_SAVED_SEPARATOR}{method}" if customer and method else None


def split_saved(saved: str) -> tuple[str, str]:
    """Customer and method of a saved method."""
    customer, _, method = saved.partition(_SAVED_SEPARATOR)
    return customer, method


def action_of(action: StripeNextAction | None) -> BuyerAction | None:
    redirect = action.redirect_to_url if action else None
    return BuyerAction(url=redirect.url) if redirect and redirect.url else None


def summary_of(card: StripeCard | None) -> CardSummary | None:
    if card is None or card.brand is None or card.last4 is None:
        return None
    return CardSummary(brand=card.brand, last4=card.last4, exp_month=card.exp_month, exp_year=card.exp_year)


def _state(intent: StripeIntent) -> RecordState:
    if intent.status == "canceled" and intent.cancellation_reason == _ENDED:
        return "expired"
    return _STATES.get(intent.status, "pending")


def _keeps_method(intent: StripeIntent) -> bool:
    return intent.setup_future_usage is not None and intent.status in ("requires_capture", "succeeded")


def _card(charge: StripeCharge | None) -> StripeCard | None:
    return charge.payment_method_details.card if charge and charge.payment_method_details else None
