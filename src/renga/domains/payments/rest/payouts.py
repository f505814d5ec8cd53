"""REST: payouts and their statements."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.finance_errors import (
    FinanceCursorInvalid,
    PayoutAccountNotReady,
    PayoutNotFound,
    PayoutStateConflict,
)
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.contract.payouts import Payout, PayoutMove, PayoutPage, PayoutState
from renga.domains.payments.rest.finance_shared import (
    BODY,
    MANAGE_PAYOUTS,
    NO_STORE,
    READ_PAYOUTS,
    READING,
    TAG,
    PageCursor,
    PageLimit,
    encode,
)
from renga.domains.payments.rest.payout_documents import PayoutStatementView, payout_statement_view
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_PATH = "/v1/payouts/{payout_id}"
_ID_HELP = {"payout_id": "The payout's id."}
_move = msgspec.json.Decoder(PayoutMove)


class PayoutsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the list of payouts."""

    merchant: Annotated[str, Meta(description="Only of this merchant.", max_length=120)] | None = None
    state: Annotated[PayoutState, Meta(description="Only in this state.")] | None = None
    limit: PageLimit = 20
    cursor: PageCursor = None


class StatementPageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of a statement."""

    cursor: PageCursor = None


def operations(finance: FinanceManagement) -> list[Operation]:
    """The operations of ``/v1/payouts``."""

    async def listed(call: Call) -> Answer:
        asked = call.query(PayoutsQuery)
        page = await finance.payouts(
            call.caller, merchant=asked.merchant, state=asked.state, limit=asked.limit, cursor=asked.cursor
        )
        return Answer(200, encode(page), [NO_STORE])

    async def read(call: Call) -> Answer:
        return Answer(200, encode(await finance.payout(call.caller, call.parameters["payout_id"])), [NO_STORE])

    async def statement(call: Call) -> Answer:
        cursor = call.query(StatementPageQuery).cursor
        found = await finance.payout_statement(call.caller, call.parameters["payout_id"], cursor=cursor)
        return Answer(200, encode(payout_statement_view(found)), [NO_STORE])

    async def move(call: Call) -> Answer:
        wanted: PayoutMove = decoded(call, _move)
        return Answer(
            200, encode(await finance.move_payout(call.caller, call.parameters["payout_id"], wanted)), [NO_STORE]
        )

    return [
        Operation(
            method="GET", path="/v1/payouts", handler=listed, access=READ_PAYOUTS, rate="read", id="listPayouts",
            summary="Payouts, newest first", tag=TAG, answer=PayoutPage, query=PayoutsQuery,
            errors=(*READING, FinanceCursorInvalid, PayoutNotFound),
        ),
        Operation(
            method="GET", path=_PATH, handler=read, access=READ_PAYOUTS, rate="read", id="readPayout",
            summary="One payout", tag=TAG, answer=Payout, path_help=_ID_HELP, errors=(*READING, PayoutNotFound),
        ),
        Operation(
            method="GET", path=f"{_PATH}/statement", handler=statement, access=READ_PAYOUTS, rate="read",
            id="readPayoutStatement", summary="The statement of a payout", tag=TAG, answer=PayoutStatementView,
            query=StatementPageQuery, path_help=_ID_HELP, errors=(*READING, PayoutNotFound, FinanceCursorInvalid),
            description="It adds up to the cent, and begins where the one before ended. Lines come in pages. "
            "`…/statement.csv` has them all in one file.",
        ),
        Operation(
            method="PUT", path=f"{_PATH}/state", handler=move, access=MANAGE_PAYOUTS, rate="write", id="movePayout",
            summary="Say what became of a payout", tag=TAG, body=PayoutMove, answer=Payout, path_help=_ID_HELP,
            description="scheduled → sent → paid or failed; failed or paid → returned: the money is the merchant's again.",
            errors=(*READING, PayoutNotFound, PayoutStateConflict, PayoutAccountNotReady, *BODY),
            example={"state": "sent", "detail": "batch 7"},
        ),
    ]  # fmt: skip
