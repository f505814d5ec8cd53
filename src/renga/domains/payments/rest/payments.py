"""REST: make and read payments."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.errors import (
    GiftCardNotFound,
    MethodUnavailable,
    PaymentInvalid,
    PaymentNotFound,
    SavedMethodNotFound,
    TooManyAttempts,
)
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.rest.documents import OfferedMethods, PaymentBody, PaymentsList, new_payment
from renga.domains.payments.rest.shared import (
    BODY,
    ID_HELP,
    NO_STORE,
    PAYER,
    READ,
    READER,
    REPLAYED_HELP,
    TAG,
    key_or_new,
    replayed,
)
from renga.kernel.errors import Invalid, TooManyRequests, Unavailable
from renga.kernel.money import AMOUNT_MAX, Money, UnknownCurrency
from renga.kernel.once import IdempotencyConflict, Replay
from renga.platform.auth.access import PUBLIC
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_new = msgspec.json.Decoder(PaymentBody)
_encode = msgspec.json.Encoder().encode
EXAMPLE = {
    "reference": "order:1042", "amount": {"amount": 4990, "currency": "BRL"}, "method": "card", "token": "tok_1",
    "capture": "now",
}  # fmt: skip


class MethodsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the methods."""

    amount: Annotated[int, Meta(description="Minor units.", ge=1, le=AMOUNT_MAX, examples=[4990])]
    currency: Annotated[str, Meta(description="ISO 4217.", examples=["BRL"])]
    country: Annotated[str, Meta(description="Of the buyer, ISO 3166-1 alpha-2.", examples=["BR"])] = "BR"


class PaymentsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of payments."""

    reference: Annotated[str, Meta(description="What is paid.", examples=["order:1042"])]


def operations(payments: Any) -> list[Operation]:
    """The operations of ``/v1/payments`` and ``/v1/payment-methods``; ``payments`` is ``LocalPayments``."""

    async def offered(call: Call) -> Answer:
        asked = call.query(MethodsQuery)
        items = await payments.offered(Money(asked.amount, asked.currency), asked.country)
        return Answer(200, _encode(OfferedMethods(items=items)), [NO_STORE])

    async def make(call: Call) -> Answer:
        body = decoded(call, _new)
        key, replay = key_or_new(call), Replay()
        payment: Payment = await payments.pay(call.caller, new_payment(body, key), replay=replay)
        location = (b"location", f"/v1/payments/{payment.id}".encode())
        return Answer(201, _encode(payment), [NO_STORE, location, *replayed(replay)])

    async def read(call: Call) -> Answer:
        return Answer(200, _encode(await payments.payment(call.caller, call.parameters["payment_id"])), [NO_STORE])

    async def listed(call: Call) -> Answer:
        found = await payments.payments_of(call.caller, call.query(PaymentsQuery).reference)
        return Answer(200, _encode(PaymentsList(items=found)), [NO_STORE])

    return [
        Operation(
            method="GET", path="/v1/payment-methods", handler=offered, access=PUBLIC, rate="read",
            id="listPaymentMethods", summary="The methods that can pay an amount", tag=TAG, answer=OfferedMethods,
            query=MethodsQuery, errors=(TooManyRequests, Invalid, PaymentInvalid, UnknownCurrency, Unavailable),
            description="A card is handed in at the provider's `tokens_url` or in its `frame_url`, never here.",
        ),
        Operation(
            method="POST", path="/v1/payments", handler=make, access=PAYER, rate="payments", id="pay",
            summary="Make a payment", tag=TAG, status=201, body=PaymentBody, answer=Payment,
            headers=("Idempotency-Key",), answer_headers={"Location": "The payment.", **REPLAYED_HELP}, example=EXAMPLE,
            description="A refusal is a payment in the state `declined`. The same key again answers with the payment as it is "
            "then. `unknown`: the provider did not answer; it is asked until it does.",
            errors=(
                *READ, *BODY, MethodUnavailable, IdempotencyConflict, GiftCardNotFound, SavedMethodNotFound,
                UnknownCurrency, TooManyAttempts,
            ),
        ),
        Operation(
            method="GET", path="/v1/payments", handler=listed, access=READER, rate="read", id="listPayments",
            summary="The payments of a reference, newest first", tag=TAG, answer=PaymentsList, query=PaymentsQuery,
            errors=(*READ, PaymentInvalid),
        ),
        Operation(
            method="GET", path="/v1/payments/{payment_id}", handler=read, access=READER, rate="read", id="readPayment",
            summary="One payment", tag=TAG, answer=Payment, path_help=ID_HELP, errors=(*READ, PaymentNotFound),
        ),
    ]  # fmt: skip
