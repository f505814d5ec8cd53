"""The port of a payment provider over Stripe."""

from collections.abc import AsyncIterator, Mapping, Sequence

import httpx

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.ports.provider import (
    Authorise,
    Capabilities,
    Capture,
    Inquiry,
    MethodCapabilities,
    Outcome,
    ProviderEvent,
    ProviderRecord,
    Refund,
    SettlementFile,
    Void,
)
from renga.domains.payments.providers.stripe import captures, inquiries, orders, reporting, webhooks
from renga.domains.payments.providers.stripe.amounts import AMOUNT_LIMIT, AmountUnfit, AmountUnreadable
from renga.domains.payments.providers.stripe.client import (
    StripeClient,
    StripeRefused,
    StripeUnclear,
    StripeUnreached,
    path_of,
)
from renga.domains.payments.providers.stripe.objects import StripeNamed
from renga.domains.payments.providers.stripe.outcomes import outcome_of_error
from renga.domains.payments.providers.stripe.reading import read_record
from renga.kernel.clock import Clock
from renga.kernel.money import UnknownCurrency

URL = "https://api.stripe.com"
#: Deadline of one request; Stripe itself gives up after 80 s.
DEADLINE_S = 20.0
#: Most card networks keep an authorisation for a week; the answer to each one says until when.
AUTHORISATION_LIFE_S = 7 * 24 * 3600
_ERRORS = (StripeRefused, StripeUnclear, StripeUnreached, AmountUnfit, AmountUnreadable, UnknownCurrency)


class StripeProvider:
    """Cards by PaymentIntents, confirmed by the server, captured by hand unless ``capture`` asks for the money at once.

    Idempotency: each request has our key as ``Idempotency-Key``. Stripe keeps keys for a day at least; a key with other
    parameters is refused (``provider_error``). An answer 5xx is kept under the key as well, so an operation that Stripe
    itself failed at stays unknown until the key has gone; that is rare, and shown by the report of unknown outcomes.

    ``find``: Stripe cannot look a key up. Every object that a request makes has the key in its metadata, and a list by time
    of creation shows it at once, while Stripe's search lags by a minute or more. So ``find`` lists what was made in the
    hour after the key (a UUIDv7 has its time), or the refunds of the payment, and compares. A wrong None is harmless while
    Stripe keeps the key: sending the same again gives the first answer.

    One customer of Stripe belongs to each saved method (``saved_ref`` is ``customer/method``), so Stripe learns nothing about
    which methods are of one person. An order with ``save`` and amount 0 keeps the method without a payment (SetupIntent).
    """

    name = "stripe"

    def __init__(
        self,
        key: str,
        *,
        webhook_secret: str,
        publishable_key: str | None = None,
        clock: Clock,
        url: str = URL,
        multicapture: bool = False,
        client: httpx.AsyncClient | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """``multicapture``: the account may capture several times. ``client``: closed with the provider."""
        self._client = StripeClient(key, url, client or httpx.AsyncClient(timeout=deadline_s), deadline_s=deadline_s)
        self._webhook_secret, self._clock, self._multicapture = webhook_secret, clock, multicapture
        card = MethodCapabilities(
            captures="many" if multicapture else "one",
            partial_capture=True,
            authorisation_life_s=AUTHORISATION_LIFE_S,
            saved=True,
            disputes=True,
            amount_max=AMOUNT_LIMIT,
        )
        self.capabilities = Capabilities(methods={"card": card}, public_key=publishable_key)

    async def authorise(self, order: Authorise) -> Outcome:
        if order.method != "card":
            return Outcome(kind="refused", reason="method_unavailable")
        try:
            return await orders.authorise(self._client, order, multicapture=self._multicapture)
        except _ERRORS as error:
            return outcome_of_error(error)

    async def capture(self, order: Capture) -> Outcome:
        try:
            return await captures.capture(self._client, order, multicapture=self._multicapture)
        except _ERRORS as error:
            return outcome_of_error(error)

    async def void(self, order: Void) -> Outcome:
        try:
            return await captures.void(self._client, order)
        except _ERRORS as error:
            return outcome_of_error(error)

    async def refund(self, order: Refund) -> Outcome:
        try:
            return await captures.refund(self._client, order)
        except _ERRORS as error:
            return outcome_of_error(error)

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        try:
            return await inquiries.find(self._client, inquiry, self._clock.now_ms(), multicapture=self._multicapture)
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    async def read(self, ref: str, method: PaymentMethod) -> ProviderRecord | None:
        try:
            return await read_record(self._client, ref)
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    def verify(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Sequence[ProviderEvent]:
        return webhooks.verify(headers, body, now_ms, self._webhook_secret)

    async def records(self, day: str) -> AsyncIterator[ProviderRecord]:
        try:
            async for record in reporting.records(self._client, day):
                yield record
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    async def settlement(self, day: str) -> SettlementFile | None:
        try:
            return await reporting.settlement(self._client, day, self.name)
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    async def remove_saved(self, saved_ref: str) -> None:
        """The customer goes, and with it the method."""
        customer = saved_ref.partition("/")[0]
        try:
            await self._client.delete(StripeNamed, path_of("customers", customer))
        except StripeRefused as error:
            if error.status != 404:
                raise ProviderAway(str(error)) from error
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    async def close(self) -> None:
        await self._client.close()
