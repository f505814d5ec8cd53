"""REST: capture, void and refund a payment."""

from typing import Any

import msgspec

from renga.domains.payments.contract.errors import (
    AmountExceeded,
    PaymentBusy,
    PaymentNotFound,
    PaymentStateConflict,
    ProviderUnsupported,
)
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.contract.service import CaptureRequest, RefundRequest, VoidRequest
from renga.domains.payments.rest.documents import CaptureBody, RefundBody, VoidBody, currency_named, refund_shares
from renga.domains.payments.rest.shared import (
    BODY,
    CHANGER,
    ID_HELP,
    NO_STORE,
    READ,
    REPLAYED_HELP,
    TAG,
    key_or_new,
    replayed,
)
from renga.kernel.money import UnknownCurrency
from renga.kernel.once import IdempotencyConflict, Replay
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_capture = msgspec.json.Decoder(CaptureBody)
_void = msgspec.json.Decoder(VoidBody)
_refund = msgspec.json.Decoder(RefundBody)
_encode = msgspec.json.Encoder().encode
_ERRORS = (*READ, *BODY, PaymentNotFound, PaymentStateConflict, PaymentBusy, ProviderUnsupported, IdempotencyConflict)
_PATH = "/v1/payments/{payment_id}"
HALF = {"amount": {"amount": 2495, "currency": "BRL"}}


def operations(payments: Any) -> list[Operation]:
    """The operations below ``/v1/payments/{payment_id}``; ``payments`` is ``LocalPayments``."""

    def answer(payment: Payment, replay: Replay) -> Answer:
        return Answer(200, _encode(payment), [NO_STORE, *replayed(replay)])

    async def capture(call: Call) -> Answer:
        body: CaptureBody = decoded(call, _capture, empty=CaptureBody())
        request = CaptureRequest(
            key=key_or_new(call),
            amount=None if body.amount is None else body.amount.amount,
            currency=None if body.amount is None else body.amount.currency,
            final=body.final,
        )
        replay = Replay()
        payment = await payments.capture(call.caller, call.parameters["payment_id"], request, replay=replay)
        return answer(payment, replay)

    async def void(call: Call) -> Answer:
        decoded(call, _void, empty=VoidBody())
        request = VoidRequest(key=key_or_new(call))
        replay = Replay()
        payment = await payments.void(call.caller, call.parameters["payment_id"], request, replay=replay)
        return answer(payment, replay)

    async def refund(call: Call) -> Answer:
        body: RefundBody = decoded(call, _refund, empty=RefundBody())
        request = RefundRequest(
            key=key_or_new(call),
            amount=None if body.amount is None else body.amount.amount,
            shares=refund_shares(body),
            means=body.means,
            reason=body.reason,
            currency=currency_named(body),
        )
        replay = Replay()
        payment = await payments.refund(call.caller, call.parameters["payment_id"], request, replay=replay)
        return answer(payment, replay)

    return [
        Operation(
            method="POST", path=f"{_PATH}/capture", handler=capture, access=CHANGER, rate="payments",
            id="capturePayment", summary="Take the money of an authorised payment", body_optional=True, tag=TAG, body=CaptureBody,
            answer=Payment, path_help=ID_HELP, headers=("Idempotency-Key",), answer_headers=REPLAYED_HELP, example=HALF,
            errors=(*_ERRORS, AmountExceeded, UnknownCurrency),
        ),
        Operation(
            method="POST", path=f"{_PATH}/void", handler=void, access=CHANGER, rate="payments", id="voidPayment",
            summary="Release what is not captured", body_optional=True, tag=TAG, body=VoidBody, answer=Payment, path_help=ID_HELP,
            headers=("Idempotency-Key",), answer_headers=REPLAYED_HELP, errors=_ERRORS, example={},
        ),
        Operation(
            method="POST", path=f"{_PATH}/refund", handler=refund, access=CHANGER, rate="payments", id="refundPayment",
            summary="Give money back", body_optional=True, tag=TAG, body=RefundBody, answer=Payment, path_help=ID_HELP,
            headers=("Idempotency-Key",), answer_headers=REPLAYED_HELP,
            errors=(*_ERRORS, AmountExceeded, UnknownCurrency), example=HALF,
            description="Without `shares` each share gives its part; with them, those that are named. The last means gets it "
            "first, gift cards and store credit after the others, unless `means` names one.",
        ),
    ]  # fmt: skip
