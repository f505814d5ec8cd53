"""REST: single-use codes of a promotion."""

import msgspec

from renga.domains.pricing.contract import (
    CodeBatch,
    CodeBatchDraft,
    CodeBatchNotFound,
    PricingManagement,
    PromotionInvalid,
    PromotionNotFound,
)
from renga.domains.pricing.rest.shared import (
    BODY,
    ID_HELP,
    NO_STORE,
    PROMOTIONS,
    READ,
    REPLAYED_HELP,
    replayed,
)
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.requests import key_of
from renga.platform.http.typed_bodies import decoded

_draft = msgspec.json.Decoder(CodeBatchDraft)
_encode = msgspec.json.Encoder().encode
_PATH = "/v1/promotions/{promotion_id}/codes"


class CodeBatchList(msgspec.Struct, frozen=True):
    """Batches of single-use codes, newest first."""

    items: tuple[CodeBatch, ...]


class CodeList(msgspec.Struct, frozen=True):
    """The codes of a batch."""

    codes: tuple[str, ...]


def operations(pricing: PricingManagement) -> list[Operation]:
    """The operations of ``/v1/promotions/{id}/codes``."""

    async def make(call: Call) -> Answer:
        key, draft = key_of(call.header(b"idempotency-key")), decoded(call, _draft)
        batch, again = await pricing.make_codes(call.caller, call.parameters["promotion_id"], draft, key=key)
        location = (b"location", f"/v1/promotions/{batch.promotion}/codes/{batch.id}".encode())
        return Answer(201, _encode(batch), [NO_STORE, location, *replayed(again)])

    async def listed(call: Call) -> Answer:
        batches = await pricing.code_batches(call.caller, call.parameters["promotion_id"])
        return Answer(200, _encode(CodeBatchList(batches)), [NO_STORE])

    async def read(call: Call) -> Answer:
        codes = await pricing.codes(call.caller, call.parameters["promotion_id"], call.parameters["batch_id"])
        return Answer(200, _encode(CodeList(codes)), [NO_STORE])

    found = (*READ, PromotionNotFound)
    return [
        Operation(
            method="POST", path=_PATH, handler=make, access=PROMOTIONS, rate="dry_run", id="makeCodes",
            summary="Make single-use codes", tag="pricing", status=201, body=CodeBatchDraft, answer=CodeBatch,
            description="For a promotion with `code_batches: true`; up to 100,000 at once. Each code is for one order.",
            path_help=ID_HELP, headers=("Idempotency-Key",), answer_headers=REPLAYED_HELP,
            errors=(*found, PromotionInvalid, IdempotencyConflict, *BODY), example={"count": 1000, "prefix": "VIP-"},
        ),
        Operation(
            method="GET", path=_PATH, handler=listed, access=PROMOTIONS, rate="read", id="listCodeBatches",
            summary="Batches of single-use codes", tag="pricing", answer=CodeBatchList, path_help=ID_HELP, errors=found,
        ),
        Operation(
            method="GET", path=f"{_PATH}/{{batch_id}}", handler=read, access=PROMOTIONS, rate="dry_run", id="readCodes",
            summary="The codes of a batch", tag="pricing", answer=CodeList,
            path_help={**ID_HELP, "batch_id": "The batch's id."}, errors=(*found, CodeBatchNotFound),
        ),
    ]  # fmt: skip
