"""REST: the rules of commission."""

import msgspec

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.contract.finance_errors import CommissionInvalid, CommissionsMismatch
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.rest.finance_shared import (
    BODY,
    MANAGE_FINANCE,
    NO_STORE,
    READ_FINANCE,
    READING,
    TAG,
    encode,
)
from renga.kernel.errors import PreconditionFailed
from renga.platform.http.etags import matches_strongly, names_any, strong
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.typed_bodies import decoded

_PATH = "/v1/commissions"
_table = msgspec.json.Decoder(CommissionTable)
_ETAG_HELP = {"ETag": "The version, for If-Match."}
_EXAMPLE = {
    "rules": [
        {"basis_points": 1200, "fixed": {"BRL": 50}, "valid_from": "2027-01-01T00:00:00Z"},
        {"basis_points": 900, "merchant": "house", "category": "ceramics", "valid_from": "2027-01-01T00:00:00Z"},
    ]
}


def operations(finance: FinanceManagement) -> list[Operation]:
    """The operations of ``/v1/commissions``."""

    async def read(call: Call) -> Answer:
        return _answer(await finance.commissions(call.caller))

    async def replace(call: Call) -> Answer:
        table: CommissionTable = decoded(call, _table)
        header, expected = call.header(b"if-match"), None
        if header is not None and not names_any(header):
            expected = (await finance.commissions(call.caller)).version
            if not matches_strongly(header, str(expected)):
                raise PreconditionFailed("they are not at one of these versions", version=expected)
        return _answer(await finance.replace_commissions(call.caller, table, expected_version=expected))

    return [
        Operation(
            method="GET", path=_PATH, handler=read, access=READ_FINANCE, rate="read", id="readCommissions",
            summary="The rules of commission", tag=TAG, answer=CommissionTable, answer_headers=_ETAG_HELP, errors=READING,
        ),
        Operation(
            method="PUT", path=_PATH, handler=replace, access=MANAGE_FINANCE, rate="write", id="replaceCommissions",
            summary="Replace the rules of commission", tag=TAG, body=CommissionTable, answer=CommissionTable,
            description="Of a merchant's sale the most specific rule that holds when it is captured counts: merchant and "
            "category, merchant, category, neither. What was captured keeps its commission, and a refund gives back its part "
            "of it. Members `version`, `changed_at` and `changed_by` of the body are ignored.",
            headers=("If-Match",), answer_headers=_ETAG_HELP, example=_EXAMPLE,
            errors=(*READING, CommissionInvalid, CommissionsMismatch, PreconditionFailed, *BODY),
        ),
    ]  # fmt: skip


def _answer(table: CommissionTable) -> Answer:
    return Answer(200, encode(table), [(b"etag", strong(str(table.version)).encode()), NO_STORE])
