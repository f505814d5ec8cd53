"""Reads one payment completely: the intent, its refunds and its disputes."""

from renga.domains.payments.ports.provider import ProviderRecord
from renga.domains.payments.providers.stripe.client import StripeClient, StripeRefused, path_of
from renga.domains.payments.providers.stripe.objects import (
    StripeCharge,
    StripeDispute,
    StripeIntent,
    StripeRefund,
    StripeSetup,
)
from renga.domains.payments.providers.stripe.records import record_of, record_of_setup
from renga.kernel.money import Money

#: What is told with an intent that would be an id otherwise.
EXPANDED = ["latest_charge"]
SETUP_PREFIX = "seti_"
#: A SetupIntent has no money; our records have a currency.
NO_CURRENCY = "USD"


async def read_record(client: StripeClient, ref: str) -> ProviderRecord | None:
    """The payment as Stripe knows it now; None if it does not exist there."""
    try:
        if ref.startswith(SETUP_PREFIX):
            return record_of_setup(await client.get(StripeSetup, path_of("setup_intents", ref)), Money(0, NO_CURRENCY))
        intent = await client.get(StripeIntent, path_of("payment_intents", ref), expand=EXPANDED)
    except StripeRefused as error:
        if error.status == 404:
            return None
        raise
    return await complete(client, intent)


async def complete(client: StripeClient, intent: StripeIntent) -> ProviderRecord:
    """The record of an intent whose charge is expanded, with refunds and disputes if there are any."""
    charge = intent.latest_charge if isinstance(intent.latest_charge, StripeCharge) else None
    refunds: list[StripeRefund] = []
    disputes: list[StripeDispute] = []
    if charge and charge.amount_refunded:
        refunds = await refunds_of(client, intent.id)
    if charge and charge.disputed:
        disputes = [one async for one in client.each(StripeDispute, "/v1/disputes", payment_intent=intent.id)]
    return record_of(intent, refunds, disputes)


async def refunds_of(client: StripeClient, ref: str) -> list[StripeRefund]:
    return [one async for one in client.each(StripeRefund, "/v1/refunds", payment_intent=ref)]
