"""REST: finance decides about a payment that risk has held."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.errors import PaymentBusy, PaymentNotFound, PaymentStateConflict
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.rest.shared import BODY, FINANCE, ID_HELP, NO_STORE, READ, TAG
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded


class ReviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision."""

    decision: Annotated[
        Literal["accept", "refuse"], Meta(description="`accept`: the money may be taken; `refuse`: it is released.")
    ]


_review = msgspec.json.Decoder(ReviewBody)


def operations(payments: Any) -> list[Operation]:
    """``POST /v1/payments/{payment_id}/review``."""

    async def review(call: Call) -> Answer:
        body: ReviewBody = decoded(call, _review)
        payment = await payments.review(call.caller, call.parameters["payment_id"], body.decision)
        return Answer(200, msgspec.json.encode(payment), [NO_STORE])

    return [
        Operation(
            method="POST", path="/v1/payments/{payment_id}/review", handler=review, access=FINANCE, rate="write",
            id="reviewPayment", summary="Decide about a payment that risk has held", tag=TAG, body=ReviewBody,
            answer=Payment, path_help=ID_HELP, example={"decision": "accept"},
            errors=(*READ, *BODY, PaymentNotFound, PaymentStateConflict, PaymentBusy),
        )
    ]  # fmt: skip
