"""REST: the inbox of disputes."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.disputes import Dispute, DisputePage, DisputeStanding, EvidenceDraft
from renga.domains.payments.contract.finance_errors import (
    DisputeNotFound,
    EvidenceInvalid,
    EvidenceTooLate,
    FinanceCursorInvalid,
)
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.rest.finance_shared import (
    BODY,
    MANAGE_FINANCE,
    NO_STORE,
    READ_PROVIDERS,
    READING,
    TAG,
    PageCursor,
    PageLimit,
    encode,
)
from renga.domains.payments.rest.shared import REPLAYED_HELP, replayed
from renga.kernel.once import IdempotencyConflict, Replay
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.requests import key_of
from renga.platform.http.typed_bodies import decoded

_PATH = "/v1/disputes/{dispute_id}"
_ID_HELP = {"dispute_id": "The provider's name, a colon, and the provider's id of the dispute."}
_draft = msgspec.json.Decoder(EvidenceDraft)


class DisputesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the list of disputes."""

    state: Annotated[DisputeStanding, Meta(description="Only in this state.")] | None = None
    limit: PageLimit = 20
    cursor: PageCursor = None


def operations(finance: FinanceManagement) -> list[Operation]:
    """The operations of ``/v1/disputes``."""

    async def listed(call: Call) -> Answer:
        asked = call.query(DisputesQuery)
        page = await finance.disputes(call.caller, state=asked.state, limit=asked.limit, cursor=asked.cursor)
        return Answer(200, encode(page), [NO_STORE])

    async def read(call: Call) -> Answer:
        return Answer(200, encode(await finance.dispute(call.caller, call.parameters["dispute_id"])), [NO_STORE])

    async def submit(call: Call) -> Answer:
        key = key_of(call.header(b"idempotency-key"))
        draft: EvidenceDraft = decoded(call, _draft)
        replay = Replay()
        name = call.parameters["dispute_id"]
        dispute = await finance.submit_evidence(call.caller, name, draft, key=key, replay=replay)
        return Answer(201, encode(dispute), [NO_STORE, *replayed(replay)])

    return [
        Operation(
            method="GET", path="/v1/disputes", handler=listed, access=READ_PROVIDERS, rate="read", id="listDisputes",
            summary="Disputes, newest first", tag=TAG, answer=DisputePage, query=DisputesQuery,
            description="Evidence is only in the document of one dispute.", errors=(*READING, FinanceCursorInvalid),
        ),
        Operation(
            method="GET", path=_PATH, handler=read, access=READ_PROVIDERS, rate="read", id="readDispute",
            summary="One dispute", tag=TAG, answer=Dispute, path_help=_ID_HELP, errors=(*READING, DisputeNotFound),
        ),
        Operation(
            method="POST", path=f"{_PATH}/evidence", handler=submit, access=MANAGE_FINANCE, rate="write",
            id="submitEvidence", summary="Hand in what speaks for the shop", tag=TAG, status=201, body=EvidenceDraft,
            answer=Dispute, path_help=_ID_HELP, headers=("Idempotency-Key",), answer_headers=REPLAYED_HELP,
            description="It is kept, and sent to the provider if it takes evidence; `state` of the evidence says so.",
            errors=(*READING, DisputeNotFound, EvidenceTooLate, EvidenceInvalid, IdempotencyConflict, *BODY),
            example={"kind": "delivery", "text": "Delivered on 2027-03-01, signed by the buyer."},
        ),
    ]  # fmt: skip
