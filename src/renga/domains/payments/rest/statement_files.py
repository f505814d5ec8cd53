"""REST: the whole statement of a payout as a CSV file, streamed."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.params import PathParameter
from litestar.response import Stream

from renga.domains.payments.contract.finance_errors import PayoutNotFound
from renga.domains.payments.contract.management import FinanceManagement
from renga.domains.payments.contract.payouts import PayoutStatement
from renga.domains.payments.rest.finance_shared import READ_PAYOUTS, READING, TAG
from renga.kernel.caller import Caller
from renga.kernel.money import Money
from renga.platform.http.openapi_handlers import answers_files
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks

COLUMNS = ("at", "kind", "reference", "amount", "currency")
CSV = "text/csv"
PayoutId = Annotated[str, PathParameter(max_length=100, description="The payout's id.")]


def routes(finance: FinanceManagement) -> list[Any]:
    """The handler of ``/v1/payouts/{id}/statement.csv``."""

    @get(
        "/v1/payouts/{payout_id:str}/statement.csv",
        operation_id="downloadPayoutStatement",
        summary="The statement of a payout as CSV",
        description="Opening balance, every entry, the payout, closing balance; amounts in major units. The amounts of all "
        "rows but the last sum to the last one.",
        tags=[TAG],
        cache_control=CacheControlHeader(no_store=True, private=True),
        opt={"access": READ_PAYOUTS, "rate": "read", **answers_files(CSV)},
        responses=problems(*READING, PayoutNotFound),
    )
    async def download(request: AnyRequest, payout_id: PayoutId) -> Stream:
        caller = who_asks(request)
        first = await finance.payout_statement(caller, payout_id)
        name = f"payout-{first.payout.to_day}-{first.payout.id}.csv"
        return Stream(
            statement_rows(finance, caller, first),
            media_type=f"{CSV}; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return [download]


async def statement_rows(finance: FinanceManagement, caller: Caller, first: PayoutStatement) -> AsyncIterator[str]:
    """The file, a page of lines at once."""
    payout, page = first.payout, first
    begin = "" if payout.from_day is None else payout.from_day
    yield _csv([COLUMNS, (begin, "opening", "", *_amount(first.opening, first.currency))])
    while True:
        yield _csv([(line.at, line.kind, line.reference, *_amount(line.amount, page.currency)) for line in page.lines])
        if page.next is None:
            break
        page = await finance.payout_statement(caller, payout.id, cursor=page.next)
    end = (payout.to_day, "payout", f"payout:{payout.id}", *_amount(first.paid_out, first.currency))
    yield _csv([end, (payout.to_day, "closing", "", *_amount(first.closing, first.currency))])


def _amount(amount: int, currency: str) -> tuple[str, str]:
    return Money(amount, currency).decimal(), currency


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([tuple(map(_safe, row)) for row in rows])
    return text.getvalue()


def _safe(value: str) -> str:
    """Spreadsheets take a text that begins so for a formula; amounts begin with a minus sign."""
    if value[:1] in {"=", "+", "@", "\t", "\r"} or (value[:1] == "-" and not value[1:2].isdigit()):
        return f"'{value}"
    return value
