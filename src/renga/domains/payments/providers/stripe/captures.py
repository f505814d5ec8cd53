"""Captures, voids and refunds at Stripe."""

import hashlib
from typing import Any

from renga.domains.payments.ports.provider import Capture, Outcome, Refund, Void
from renga.domains.payments.providers.stripe.amounts import to_stripe
from renga.domains.payments.providers.stripe.client import StripeClient, StripeRefused, is_stripe_id, path_of
from renga.domains.payments.providers.stripe.objects import StripeIntent, StripeRefund
from renga.domains.payments.providers.stripe.outcomes import outcome_of_refund
from renga.domains.payments.providers.stripe.reading import EXPANDED, complete, read_record
from renga.domains.payments.providers.stripe.records import KEY, record_of

_CANCELLED = "canceled"
#: How the names of captures in an intent's metadata begin.
MARK = "renga_capture_"


async def capture(client: StripeClient, order: Capture, *, multicapture: bool) -> Outcome:
    """Raises StripeRefused, StripeUnreached, StripeUnclear, AmountUnfit, AmountUnreadable."""
    params: dict[str, Any] = {
        "amount_to_capture": to_stripe(order.amount),
        "metadata": {capture_mark(order.key): order.key},
        "expand": EXPANDED,
    }
    if multicapture:
        params["final_capture"] = order.final
    path = path_of("payment_intents", order.ref, "capture")
    intent = await client.post(StripeIntent, path, params, key=order.key)
    return Outcome(kind="accepted", record=await complete(client, intent))


async def void(client: StripeClient, order: Void) -> Outcome:
    """An authorisation that is gone already is voided. Raises StripeRefused, StripeUnreached, StripeUnclear."""
    path = path_of("payment_intents", order.ref, "cancel")
    try:
        intent = await client.post(StripeIntent, path, {"expand": EXPANDED}, key=order.key)
    except StripeRefused as refused:
        found = await client.get(StripeIntent, path_of("payment_intents", order.ref), expand=EXPANDED)
        if found.status != _CANCELLED:
            raise refused from None
        intent = found
    return Outcome(kind="accepted", record=record_of(intent))


async def refund(client: StripeClient, order: Refund) -> Outcome:
    """Raises StripeRefused, StripeUnreached, StripeUnclear, AmountUnfit, AmountUnreadable."""
    if not is_stripe_id(order.ref):
        return Outcome(kind="refused", reason="provider_error", detail="this is no id of Stripe")
    params = {"payment_intent": order.ref, "amount": to_stripe(order.amount), "metadata": {KEY: order.key}}
    made = await client.post(StripeRefund, "/v1/refunds", params, key=order.key)
    return outcome_of_refund(made, await read_record(client, order.ref))


def capture_mark(key: str) -> str:
    """The name of a capture in the intent's metadata (at most 50 names of 40 characters)."""
    return f"{MARK}{hashlib.sha256(key.encode()).hexdigest()[:16]}"
