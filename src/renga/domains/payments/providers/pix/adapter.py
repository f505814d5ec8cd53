"""The port of a payment provider over the Central Bank's Pix API."""

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
from renga.domains.payments.providers.pix import charges, reporting, webhooks
from renga.domains.payments.providers.pix.client import PixClient, PixRefused, PixUnclear, PixUnreached
from renga.domains.payments.providers.pix.records import (
    CURRENCY,
    DUE,
    IMMEDIATE,
    REMOVED,
    record_of,
    return_id_of,
    txid_of,
)
from renga.domains.payments.settings import PixWebhookProof
from renga.kernel.clock import Clock

DEADLINE_S = 10.0
#: The API's values have ten digits before the point.
AMOUNT_LIMIT = 999_999_999_999
_ERRORS = (PixRefused, PixUnclear, PixUnreached, ValueError, OverflowError)


class PixProvider:
    """Pix charges, immediate (``/cob``) or with a due date (``/cobv``, if the order has ``due_on``).

    Idempotency: txid and the id of a devolução are made of the key, and both are created by PUT, so the same key again
    names the same thing; ``find`` reads it by that name and is exact. The API knows no key, so a repetition with another
    amount is told by comparing amounts.

    A charge is taken when the buyer pays: there is nothing to capture. The API has no settlement file and tells disputes
    (MED) only by the devolução that follows from them.
    """

    name = "pix"

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        chave: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        clock: Clock,
        webhook_secret: str,
        webhook_proof: PixWebhookProof = "url",
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """``client``: see ``client.open_connection``; closed with the provider. ``chave``: the Pix key that receives."""
        self._client = PixClient(
            client,
            token_url=token_url,
            client_id=client_id,
            client_secret=client_secret,
            clock=clock,
            deadline_s=deadline_s,
        )
        self._chave, self._clock = chave, clock
        self._webhook_secret, self._webhook_proof = webhook_secret, webhook_proof
        pix = MethodCapabilities(
            captures="none",
            asynchronous=True,
            currencies=frozenset({CURRENCY}),
            amount_max=AMOUNT_LIMIT,
        )
        self.capabilities = Capabilities(methods={"pix": pix})

    async def authorise(self, order: Authorise) -> Outcome:
        if order.method != "pix" or order.amount.currency != CURRENCY:
            return Outcome(kind="refused", reason="method_unavailable")
        if not 1 <= order.amount.amount <= AMOUNT_LIMIT:
            return Outcome(kind="refused", reason="amount_invalid")
        try:
            return await charges.charge(self._client, order, self._chave, self._clock.now_ms())
        except _ERRORS as error:
            return _outcome_of_error(error)

    async def capture(self, order: Capture) -> Outcome:
        return Outcome(kind="refused", reason="method_unavailable", detail="a Pix is taken when it is paid")

    async def void(self, order: Void) -> Outcome:
        try:
            return await charges.remove(self._client, order, self._clock.now_ms())
        except _ERRORS as error:
            return _outcome_of_error(error)

    async def refund(self, order: Refund) -> Outcome:
        try:
            return await charges.give_back(self._client, order, self._clock.now_ms())
        except _ERRORS as error:
            return _outcome_of_error(error)

    async def find(self, inquiry: Inquiry) -> Outcome | None:
        try:
            if inquiry.kind == "authorise":
                return await self._find_charge(inquiry.key)
            return await self._find_change(inquiry)
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    async def read(self, ref: str, method: PaymentMethod) -> ProviderRecord | None:
        try:
            cob = await charges.read_cob(self._client, ref)
            return None if cob is None else record_of(cob, self._clock.now_ms())
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    def verify(self, headers: Mapping[str, str], body: bytes, now_ms: int) -> Sequence[ProviderEvent]:
        return webhooks.verify(headers, body, now_ms, secret=self._webhook_secret, proof=self._webhook_proof)

    async def records(self, day: str) -> AsyncIterator[ProviderRecord]:
        try:
            async for record in reporting.records(self._client, day, self._clock.now_ms()):
                yield record
        except _ERRORS as error:
            raise ProviderAway(str(error)) from error

    async def settlement(self, day: str) -> SettlementFile | None:
        return None

    async def remove_saved(self, saved_ref: str) -> None:
        """Nothing is ever saved."""

    async def close(self) -> None:
        await self._client.close()

    async def _find_charge(self, key: str) -> Outcome | None:
        for prefix in (IMMEDIATE, DUE):
            if (cob := await charges.read_cob(self._client, txid_of(key, prefix))) is not None:
                return charges.outcome_of_record(record_of(cob, self._clock.now_ms()))
        return None

    async def _find_change(self, inquiry: Inquiry) -> Outcome | None:
        cob = None if inquiry.ref is None else await charges.read_cob(self._client, inquiry.ref)
        if cob is None:
            return None
        record = record_of(cob, self._clock.now_ms())
        if inquiry.kind == "void":
            return Outcome(kind="accepted", record=record) if cob.status in REMOVED else None
        made = charges.return_of(cob, return_id_of(inquiry.key))
        return None if made is None else charges.outcome_of_return(made, record)


def _outcome_of_error(error: Exception) -> Outcome:
    if isinstance(error, PixUnreached):
        return Outcome(kind="refused", reason="provider_error", detail=f"nothing was sent: {error}")
    if isinstance(error, PixRefused):
        return Outcome(kind="refused", reason=charges.reason_of(error), detail=str(error))
    return Outcome(kind="unknown", detail=str(error))
