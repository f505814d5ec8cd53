"""Authorisations at Stripe, and methods that are kept without one."""

from typing import Any

from renga.domains.payments.ports.provider import Authorise, Outcome
from renga.domains.payments.providers.stripe.amounts import to_stripe
from renga.domains.payments.providers.stripe.client import StripeClient, is_stripe_id, path_of
from renga.domains.payments.providers.stripe.objects import StripeIntent, StripeNamed, StripeSetup
from renga.domains.payments.providers.stripe.outcomes import outcome_of_record
from renga.domains.payments.providers.stripe.reading import EXPANDED
from renga.domains.payments.providers.stripe.records import (
    KEY,
    MEANS,
    REFERENCE,
    record_of,
    record_of_setup,
    split_saved,
)

#: Tokens of Stripe's older fields go in another parameter than PaymentMethods.
_OLD_TOKEN = "tok_"


async def authorise(client: StripeClient, order: Authorise, *, multicapture: bool) -> Outcome:
    """Raises StripeRefused, StripeUnreached, StripeUnclear, AmountUnfit, AmountUnreadable."""
    amount = to_stripe(order.amount)
    method = await _method(client, order)
    if method is None:
        return Outcome(kind="refused", reason="token_invalid")
    shared = {**method, **await _customer(client, order), **_sending(order), "metadata": _metadata(order)}
    if order.save and amount == 0:
        return await _keep(client, order, shared)
    params = shared | {
        "amount": amount,
        "currency": order.amount.currency.lower(),
        "capture_method": "automatic" if order.capture else "manual",
        "expand": EXPANDED,
    }
    if order.save:
        params["setup_future_usage"] = "off_session"
    if multicapture and not order.capture:
        params["payment_method_options"] = {"card": {"request_multicapture": "if_available"}}
    intent = await client.post(StripeIntent, "/v1/payment_intents", params, key=order.key)
    return outcome_of_record(record_of(intent))


async def _keep(client: StripeClient, order: Authorise, shared: dict[str, Any]) -> Outcome:
    params = shared | {"usage": "off_session"}
    params.pop("off_session", None)
    params.pop("error_on_requires_action", None)
    setup = await client.post(StripeSetup, "/v1/setup_intents", params, key=order.key)
    return outcome_of_record(record_of_setup(setup, order.amount))


async def _method(client: StripeClient, order: Authorise) -> dict[str, Any] | None:
    """The parameters that say with what is paid; None if nothing does."""
    if order.saved_ref:
        customer, method = split_saved(order.saved_ref)
        known = is_stripe_id(customer) and is_stripe_id(method)
        return {"customer": customer, "payment_method": method} if known else None
    if order.token is not None:
        if not is_stripe_id(order.token):
            return None
        if order.token.startswith(_OLD_TOKEN):
            return {"payment_method_data": {"type": "card", "card": {"token": order.token}}}
        return {"payment_method": order.token}
    if order.previous_ref is None:
        return None
    # a method that belongs to no customer is refused there, if it was used before
    before = await client.get(StripeIntent, path_of("payment_intents", order.previous_ref))
    if before.payment_method is None:
        return None
    owner = {"customer": before.customer} if before.customer else {}
    return {"payment_method": before.payment_method, **owner}


async def _customer(client: StripeClient, order: Authorise) -> dict[str, Any]:
    """A new customer to keep the method for; the same one, if the order is sent again."""
    if not order.save or order.saved_ref:
        return {}
    made = await client.post(
        StripeNamed, "/v1/customers", {"metadata": {MEANS: order.means}}, key=f"{order.key}:customer"
    )
    return {"customer": made.id}


def _sending(order: Authorise) -> dict[str, Any]:
    """Confirm at once. Without a buyer who could go somewhere a challenge is a refusal."""
    params: dict[str, Any] = {"confirm": True, "payment_method_types": ["card"]}
    if order.recurring or order.previous_ref:
        params["off_session"] = True
    elif order.return_url:
        params["return_url"] = order.return_url
    else:
        params["error_on_requires_action"] = True
    return params


def _metadata(order: Authorise) -> dict[str, str]:
    return {MEANS: order.means, KEY: order.key, REFERENCE: order.reference}
