"""REST: where merchants are paid out, and when."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.finance_errors import (
    PayoutAccountInvalid,
    PayoutAccountNotFound,
    PayoutScheduleInvalid,
)
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.contract.payouts import PayoutAccount, PayoutAccountDraft, PayoutSchedule
from renga.domains.payments.rest.finance_shared import (
    BODY,
    CHANGE_ACCOUNT,
    FRESH,
    MANAGE_PAYOUTS,
    MANAGE_PAYOUTS_FRESH,
    MERCHANT_HELP,
    NO_STORE,
    READ_PAYOUTS,
    READING,
    TAG,
    encode,
)
from renga.kernel.errors import Forbidden
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_ACCOUNT, _SCHEDULE = "/v1/merchants/{merchant_id}/payout-account", "/v1/merchants/{merchant_id}/payout-schedule"
_EXAMPLE = {
    "holder": "Olaria Ltda",
    "tax_id": "12345678000195",
    "account": {"kind": "bank_br", "bank": "001", "branch": "1234", "number": "987654-3"},
}
_SCHEDULE_EXAMPLE = {"every": "weekly", "weekday": 1, "minimum": {"BRL": 5000}, "delay_days": 7}


class VerificationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Finance has checked the account with this version (`verified: false`: takes that back)."""

    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    verified: bool = True


_draft = msgspec.json.Decoder(PayoutAccountDraft)
_schedule = msgspec.json.Decoder(PayoutSchedule)
_verification = msgspec.json.Decoder(VerificationBody)


def operations(finance: FinanceManagement) -> list[Operation]:
    """The operations below ``/v1/merchants/{id}`` that are payments'."""
    return [*_accounts(finance), *_finances(finance), *_schedules(finance)]


def _accounts(finance: FinanceManagement) -> list[Operation]:
    async def read(call: Call) -> Answer:
        return Answer(
            200, encode(await finance.payout_account(call.caller, call.parameters["merchant_id"])), [NO_STORE]
        )

    async def put(call: Call) -> Answer:
        draft: PayoutAccountDraft = decoded(call, _draft)
        account = await finance.put_payout_account(call.caller, call.parameters["merchant_id"], draft)
        return Answer(200, encode(account), [NO_STORE])

    return [
        Operation(
            method="GET", path=_ACCOUNT, handler=read, access=READ_PAYOUTS, rate="read", id="readPayoutAccount",
            summary="Where a merchant is paid out", tag=TAG, answer=PayoutAccount, path_help=MERCHANT_HELP,
            description="Of numbers only the last characters are shown.",
            errors=(*READING, Forbidden, PayoutAccountNotFound),
        ),
        Operation(
            method="PUT", path=_ACCOUNT, handler=put, access=CHANGE_ACCOUNT, rate="write", id="putPayoutAccount",
            summary="Change where a merchant is paid out", tag=TAG, body=PayoutAccountDraft, answer=PayoutAccount,
            path_help=MERCHANT_HELP, example=_EXAMPLE,
            description="For owners and managers of the merchant, and finance. Finance has to verify the account before money "
            "goes there; after a change nothing is paid out until `resumes_at`.",
            errors=(*READING, *FRESH, Forbidden, PayoutAccountNotFound, PayoutAccountInvalid, *BODY),
        ),
    ]  # fmt: skip


def _finances(finance: FinanceManagement) -> list[Operation]:
    async def verify(call: Call) -> Answer:
        asked: VerificationBody = decoded(call, _verification)
        account = await finance.verify_payout_account(
            call.caller, call.parameters["merchant_id"], version=asked.version, verified=asked.verified
        )
        return Answer(200, encode(account), [NO_STORE])

    async def details(call: Call) -> Answer:
        return Answer(200, encode(await finance.bank_details(call.caller, call.parameters["merchant_id"])), [NO_STORE])

    return [
        Operation(
            method="PUT", path=f"{_ACCOUNT}/verification", handler=verify, access=MANAGE_PAYOUTS, rate="write",
            id="verifyPayoutAccount", summary="Say that a payout account is the merchant's", tag=TAG, body=VerificationBody,
            answer=PayoutAccount, path_help=MERCHANT_HELP, errors=(*READING, PayoutAccountNotFound, *BODY),
            example={"version": 1},
        ),
        Operation(
            method="GET", path=f"{_ACCOUNT}/details", handler=details, access=MANAGE_PAYOUTS_FRESH, rate="read",
            id="readBankDetails", summary="The whole bank details, to pay a merchant out", tag=TAG, answer=PayoutAccountDraft,
            path_help=MERCHANT_HELP, description="The trail of finance records who read them.",
            errors=(*READING, *FRESH, PayoutAccountNotFound),
        ),
    ]  # fmt: skip


def _schedules(finance: FinanceManagement) -> list[Operation]:
    async def read(call: Call) -> Answer:
        return Answer(
            200, encode(await finance.payout_schedule(call.caller, call.parameters["merchant_id"])), [NO_STORE]
        )

    async def put(call: Call) -> Answer:
        schedule: PayoutSchedule = decoded(call, _schedule)
        changed = await finance.put_payout_schedule(call.caller, call.parameters["merchant_id"], schedule)
        return Answer(200, encode(changed), [NO_STORE])

    return [
        Operation(
            method="GET", path=_SCHEDULE, handler=read, access=READ_PAYOUTS, rate="read", id="readPayoutSchedule",
            summary="When a merchant is paid out", tag=TAG, answer=PayoutSchedule, path_help=MERCHANT_HELP,
            errors=(*READING, Forbidden, PayoutAccountNotFound),
        ),
        Operation(
            method="PUT", path=_SCHEDULE, handler=put, access=MANAGE_PAYOUTS, rate="write", id="putPayoutSchedule",
            summary="Change when a merchant is paid out", tag=TAG, body=PayoutSchedule, answer=PayoutSchedule,
            path_help=MERCHANT_HELP, errors=(*READING, PayoutAccountNotFound, PayoutScheduleInvalid, *BODY),
            example=_SCHEDULE_EXAMPLE,
        ),
    ]  # fmt: skip
