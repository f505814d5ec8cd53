"""REST: partner accounts of providers, and what they read."""

import msgspec

from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.finance_errors import FinanceCursorInvalid, PartnerInvalid
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.contract.partners import PartnerPaymentPage, PaymentPartner
from renga.domains.payments.rest.finance_shared import (
    BODY,
    MANAGE_PARTNERS,
    NO_STORE,
    PROVIDER_HELP,
    READ_PROVIDERS,
    READING,
    TAG,
    PageCursor,
    PageLimit,
    encode,
)
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_PATH = "/v1/payment-partners/{provider}"
_partner = msgspec.json.Decoder(PaymentPartner)


class PartnerPaymentsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of a provider's payments."""

    limit: PageLimit = 20
    cursor: PageCursor = None


def operations(finance: FinanceManagement) -> list[Operation]:
    """The operations of ``/v1/payment-partners``."""

    async def read(call: Call) -> Answer:
        return Answer(200, encode(await finance.partner(call.caller, call.parameters["provider"])), [NO_STORE])

    async def put(call: Call) -> Answer:
        wanted: PaymentPartner = decoded(call, _partner)
        return Answer(
            200, encode(await finance.put_partner(call.caller, call.parameters["provider"], wanted)), [NO_STORE]
        )

    async def payments(call: Call) -> Answer:
        asked = call.query(PartnerPaymentsQuery)
        page = await finance.partner_payments(
            call.caller, call.parameters["provider"], limit=asked.limit, cursor=asked.cursor
        )
        return Answer(200, encode(page), [NO_STORE])

    return [
        Operation(
            method="GET", path=_PATH, handler=read, access=MANAGE_PARTNERS, rate="read", id="readPaymentPartner",
            summary="Who a provider's partner account is", tag=TAG, answer=PaymentPartner, path_help=PROVIDER_HELP,
            errors=(*READING, ProviderNotFound),
        ),
        Operation(
            method="PUT", path=_PATH, handler=put, access=MANAGE_PARTNERS, rate="write", id="putPaymentPartner",
            summary="Make an account a provider's partner account", tag=TAG, body=PaymentPartner, answer=PaymentPartner,
            path_help=PROVIDER_HELP, errors=(*READING, ProviderNotFound, PartnerInvalid, *BODY),
            description="An account of the kind `processor`, which then reads payments, disputes and settlements of this "
            "provider; `null` ends that.",
            example={"account": "01890a5d-ac96-774b-bcce-b302099a8057"},
        ),
        Operation(
            method="GET", path=f"{_PATH}/payments", handler=payments, access=READ_PROVIDERS, rate="read",
            id="listPartnerPayments", summary="Payments at a provider, newest first", tag=TAG, answer=PartnerPaymentPage,
            query=PartnerPaymentsQuery, path_help=PROVIDER_HELP, errors=(*READING, ProviderNotFound, FinanceCursorInvalid),
            description="Without anything about buyers or merchants.",
        ),
    ]  # fmt: skip
