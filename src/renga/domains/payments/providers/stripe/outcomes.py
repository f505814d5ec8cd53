"""What an answer or an error of Stripe means for an operation."""

from renga.domains.payments.ports.provider import Outcome, OutcomeKind, ProviderRecord
from renga.domains.payments.providers.stripe.amounts import AmountUnfit, AmountUnreadable
from renga.domains.payments.providers.stripe.client import StripeRefused, StripeUnreached
from renga.domains.payments.providers.stripe.objects import StripeIntent, StripeRefund
from renga.domains.payments.providers.stripe.reasons import reason_of
from renga.domains.payments.providers.stripe.records import record_of
from renga.kernel.money import UnknownCurrency

_KINDS: dict[str, OutcomeKind] = {"action_needed": "action_needed", "pending": "pending", "refused": "refused"}


def outcome_of_record(record: ProviderRecord) -> Outcome:
    """Of an authorisation, after which this is the payment."""
    if record.state == "action_needed" and record.action is None:
        # only a page of our own with Stripe's script could go on: nobody is sent anywhere
        return Outcome(kind="refused", reason="challenge_required", record=record)
    return Outcome(kind=_KINDS.get(record.state, "accepted"), reason=record.refusal, record=record)


def outcome_of_refund(refund: StripeRefund, record: ProviderRecord | None) -> Outcome:
    if refund.status in ("failed", "canceled"):
        return Outcome(kind="refused", reason="provider_error", record=record, detail=refund.failure_reason or "")
    kind: OutcomeKind = "accepted" if refund.status == "succeeded" else "pending"
    return Outcome(kind=kind, record=record)


def outcome_of_error(error: Exception) -> Outcome:
    """Of an operation that ended in an error; whatever else it is, Stripe may have acted."""
    if isinstance(error, AmountUnfit):
        return Outcome(kind="refused", reason="amount_invalid", detail=str(error))
    if isinstance(error, UnknownCurrency):
        return Outcome(kind="refused", reason="method_unavailable", detail=str(error))
    if isinstance(error, StripeUnreached):
        return Outcome(kind="refused", reason="provider_error", detail="Stripe cannot be reached: nothing was sent")
    if isinstance(error, StripeRefused):
        return Outcome(
            kind="refused",
            reason=reason_of(error.failure),
            record=_failed(error.failure.payment_intent),
            detail=str(error),
        )
    return Outcome(kind="unknown", detail=str(error))


def _failed(intent: StripeIntent | None) -> ProviderRecord | None:
    """The payment that an authorisation left behind when it failed."""
    if intent is None or intent.status != "requires_payment_method":
        return None
    try:
        return record_of(intent)
    except AmountUnreadable:
        return None
