"""REST: many levels from a file, for those who keep stock."""

from typing import Any

from litestar import put
from litestar.datastructures import CacheControlHeader

from renga.domains.inventory.access import keeper
from renga.domains.inventory.contract import StockImportRefused
from renga.domains.inventory.contract.levels import StockImportReport, StockRow
from renga.domains.inventory.contract.management import IMPORT_ROWS_MAX, StockManagement
from renga.domains.inventory.feeds import FILE_BYTES_MAX, read_rows
from renga.domains.inventory.rest.shared import keep_access
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import TooLarge, TooManyRequests, Unauthenticated
from renga.platform.http.openapi_handlers import takes_lines
from renga.platform.http.problems import UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, who_asks

JSON_LINES, CSV = "application/x-ndjson", "text/csv"
_EXAMPLE = '{"sku":"CAN-AURORA-AZ","on_hand":50}\n'


def routes(stock: StockManagement) -> list[Any]:
    """The handler of ``/v1/inventory/levels-file``."""

    @put(
        "/v1/inventory/levels-file",
        operation_id="importLevels",
        summary="Set many levels from a file",
        description=(
            f"At most {IMPORT_ROWS_MAX} rows, as `{JSON_LINES}` (one object per line) or `{CSV}` with a header; the members or "
            "columns are `sku`, `on_hand`, `location`, `safety`. All rows are checked before the first one is written. Levels "
            "are set, so sending the same file again changes nothing."
        ),
        tags=["inventory"],
        cache_control=CacheControlHeader(no_store=True, private=True),
        request_max_body_size=FILE_BYTES_MAX,
        opt={
            "access": keep_access(),
            "rate": "import",
            **takes_lines(JSON_LINES, line=StockRow, example=_EXAMPLE),
        },
        responses=problems(
            UnsupportedMediaType, StockImportRefused, Unauthenticated, InsufficientScope, TooManyRequests, TooLarge
        ),
    )
    async def import_file(request: AnyRequest) -> StockImportReport:
        caller = who_asks(request)
        keeper(caller)  # before the body is read
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in (JSON_LINES, CSV):
            raise UnsupportedMediaType(f"the body must be {JSON_LINES} or {CSV}")
        return await stock.import_levels(caller, await read_rows(await request.body()))

    return [import_file]
