"""REST: settlement files."""

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.datastructures import CacheControlHeader
from litestar.params import PathParameter, QueryParameter

from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.finance_errors import (
    FinanceCursorInvalid,
    SettlementConflict,
    SettlementInvalid,
)
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.contract.settlements import (
    SETTLEMENT_BYTES_MAX,
    SETTLEMENT_ID_CHARS_MAX,
    SETTLEMENT_LINES_MAX,
    SettlementFile,
    SettlementLine,
    SettlementPage,
    SettlementReport,
)
from renga.domains.payments.finance.access import manage
from renga.domains.payments.finance.settlement_rows import COLUMNS, settlement_of_csv
from renga.domains.payments.rest.finance_shared import MANAGE_FINANCE, READ_PROVIDERS, READING, TAG
from renga.kernel.errors import Invalid, TooLarge
from renga.platform.http.openapi_handlers import takes, takes_either, takes_table
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, who_asks

JSON, CSV = "application/json", "text/csv"
ProviderName = Annotated[str, PathParameter(max_length=100, description="The provider's name.")]
_NO_STORE = CacheControlHeader(no_store=True, private=True)


class SettlementBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A settlement file. Amounts of lines are minor units: `gross - fee = net`; refunds and disputes are negative."""

    id: str
    day: str
    lines: tuple[SettlementLine, ...]


_EXAMPLE = {
    "id": "2027-03-01-1",
    "day": "2027-03-01",
    "lines": [
        {"id": "l1", "ref": "pay_1", "kind": "capture", "currency": "BRL", "gross": 1999, "fee": 60, "net": 1939},
    ],
}
_CSV_EXAMPLE = "id,ref,kind,currency,gross,fee,net\nl1,pay_1,capture,BRL,1999,60,1939\n"
_BODIES = takes_either(
    takes(JSON, kind=SettlementBody, example=_EXAMPLE), takes_table(CSV, row=SettlementLine, example=_CSV_EXAMPLE)
)
_body = msgspec.json.Decoder(SettlementBody)


def routes(finance: FinanceManagement) -> list[Any]:
    """The handlers of ``/v1/settlements/{provider}``."""
    return [_listed(finance), _upload(finance)]


def _listed(finance: FinanceManagement) -> Any:
    @get(
        "/v1/settlements/{provider:str}",
        operation_id="listSettlements",
        summary="Settlement files that were imported, newest day first",
        tags=[TAG],
        cache_control=_NO_STORE,
        opt={"access": READ_PROVIDERS, "rate": "read"},
        responses=problems(*READING, ProviderNotFound, FinanceCursorInvalid),
    )
    async def listed(
        request: AnyRequest,
        provider: ProviderName,
        limit: Annotated[int, QueryParameter(ge=1, le=100, description="Items on the page.")] = 20,
        cursor: Annotated[
            str | None, QueryParameter(description="`next` of the page before.", min_length=1, max_length=500)
        ] = None,
    ) -> SettlementPage:
        return await finance.settlements(who_asks(request), provider, limit=limit, cursor=cursor)

    return listed


def _upload(finance: FinanceManagement) -> Any:
    @post(
        "/v1/settlements/{provider:str}",
        operation_id="importSettlement",
        summary="Import a settlement file",
        description=(
            f"`{JSON}`, or `{CSV}` with the columns {', '.join(f'`{one}`' for one in COLUMNS)} and the parameters `id` and "
            f"`day`; at most {SETTLEMENT_LINES_MAX} lines. All of it is written into the ledger, or nothing. The same file "
            "again writes nothing; another file with its id is refused. What does not fit is in `differences`."
        ),
        status_code=200,
        tags=[TAG],
        cache_control=_NO_STORE,
        request_max_body_size=SETTLEMENT_BYTES_MAX,
        opt={"access": MANAGE_FINANCE, "rate": "import", **_BODIES},
        responses=problems(
            *READING,
            ProviderNotFound,
            SettlementInvalid,
            SettlementConflict,
            InvalidJson,
            UnsupportedMediaType,
            TooLarge,
        ),
    )
    async def upload(
        request: AnyRequest,
        provider: ProviderName,
        file_id: Annotated[
            str | None,
            QueryParameter(
                name="id", description="The file's id (CSV).", min_length=1, max_length=SETTLEMENT_ID_CHARS_MAX
            ),
        ] = None,
        day: Annotated[
            str | None, QueryParameter(description="The file's day (CSV), YYYY-MM-DD.", min_length=10, max_length=10)
        ] = None,
    ) -> SettlementReport:
        caller = who_asks(request)
        manage(caller)  # before the body is read
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (JSON, CSV):
            raise UnsupportedMediaType(f"the body must be {JSON} or {CSV}")
        body = await request.body()
        if kind == JSON:
            file = _file(provider, body)
        elif file_id is None or day is None:
            raise Invalid("a CSV file needs the parameters id and day")
        else:
            file = await settlement_of_csv(provider, file_id, day, body)
        return await finance.import_settlement(caller, file)

    return upload


def _file(provider: str, body: bytes) -> SettlementFile:
    """Raises InvalidJson, SettlementInvalid."""
    try:
        given = _body.decode(body)
    except msgspec.ValidationError as error:
        raise SettlementInvalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJson(f"the body is not valid JSON: {error}") from None
    return SettlementFile(id=given.id, provider=provider, day=given.day, lines=given.lines)
