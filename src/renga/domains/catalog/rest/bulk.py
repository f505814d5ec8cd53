"""REST: many products in one request: rows in, an outcome per row out, while the rows are still coming."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import msgspec
from litestar import post
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from renga.domains.catalog.intake.bulk import BULK_ROWS_MAX, Summary
from renga.domains.catalog.intake.bulk_rows import FieldProblem, Outcome
from renga.domains.catalog.intake.streams import unpacked
from renga.domains.catalog.model.limits import ROW_BYTES_MAX
from renga.domains.catalog.rest.documents import ProductRow
from renga.domains.catalog.rest.shared import ROWS, write_access
from renga.domains.catalog.rest.streaming import Duplex
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden, TooManyRequests, Unauthenticated
from renga.platform.http.openapi_handlers import answers_lines, takes_lines
from renga.platform.http.problems import UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, who_asks

_EXAMPLES = [
    Example(
        value=Outcome(line=1, slug="caneca-aurora", status="created", version=1),
        summary="a row that made a product",
    ),
    Example(
        value=Outcome(
            line=2,
            slug="bule",
            status="failed",
            code="product_invalid",
            problems=(FieldProblem("variants", "is missing: a product has at least one variant with a sku"),),
        ),
        summary="a row that was not written",
    ),
    Example(value=Summary(rows=2, created=1, changed=0, unchanged=0, failed=1), summary="the last line"),
]


_ROW = '{"slug":"caneca-aurora","title":"Caneca","variants":[{"sku":"CAN-1"}]}\n'


class Bulks(Protocol):
    """What is needed of the catalogue."""

    def bulk(self, caller: Caller) -> Callable[[AsyncIterator[bytes]], AsyncIterator[Outcome | Summary]]:
        """What makes outcomes of a stream of rows. Raises Unauthenticated, InsufficientScope."""
        ...


def routes(catalog: Bulks) -> list[HTTPRouteHandler]:
    """The handler of the bulk upsert."""

    @post(
        "/bulk",
        operation_id="bulkUpsertProducts",
        summary="Create or change up to 100,000 products",
        description=(
            f"The body is `application/x-ndjson`: one native product per line, each of at most {ROW_BYTES_MAX} bytes, at most "
            f"{BULK_ROWS_MAX} of them; `Content-Encoding: gzip` is taken. The answer has a line per row, in their order, "
            "written as they are done, and a last line with the counts. A bad row fails alone. A row is the whole product: what "
            "it leaves out is removed. The same stream again changes nothing, so a stream that broke off is sent again."
        ),
        status_code=200,
        opt={
            **write_access(rate="import"),
            **takes_lines(ROWS, line=ProductRow, example=_ROW),
            **answers_lines(ROWS, line=Outcome | Summary),
        },
        request_max_body_size=None,
        response_headers=[
            ResponseHeader(name="Content-Type", description=f"`{ROWS}`", documentation_only=True),
        ],
        responses={
            200: ResponseSpec(
                Outcome, description="A line per row.", media_type=ROWS, generate_examples=False, examples=_EXAMPLES
            ),
            **problems(UnsupportedMediaType, Unauthenticated, Forbidden, TooManyRequests),
        },
    )
    async def bulk_upsert(request: AnyRequest) -> Duplex:
        packed = _is_packed(request)
        upsert = catalog.bulk(who_asks(request))  # refused before the answer begins

        async def work(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            async for one in upsert(unpacked(body) if packed else body):
                yield msgspec.json.encode(one) + b"\n"

        return Duplex(work, media_type=ROWS, headers={"Cache-Control": "no-store"})

    return [bulk_upsert]


def _is_packed(request: AnyRequest) -> bool:
    """Raises UnsupportedMediaType."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != ROWS:
        raise UnsupportedMediaType(f"the body must be {ROWS}")
    encoding: Any = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise UnsupportedMediaType("the body may be packed with gzip only")
    return bool(encoding == "gzip")
