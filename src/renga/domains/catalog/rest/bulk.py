"""REST: bulk upsert. The request streams rows; the response streams an outcome per row while rows still arrive."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import msgspec
from litestar import Response, post
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.response import Stream

from renga.domains.catalog.intake import bulk_once
from renga.domains.catalog.intake.bulk import BULK_ROWS_MAX, Summary
from renga.domains.catalog.intake.bulk_once import BulkOnce
from renga.domains.catalog.intake.bulk_rows import FieldProblem, RowOutcome
from renga.domains.catalog.intake.streams import unpacked
from renga.domains.catalog.model.limits import ROW_BYTES_MAX
from renga.domains.catalog.rest.documents import ProductRow
from renga.domains.catalog.rest.shared import ROWS, write_access
from renga.domains.catalog.rest.streaming import Duplex
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden, Invalid, TooManyRequests, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.cards.declared import checks_rows_itself
from renga.platform.http.openapi_handlers import answers_lines, takes_lines
from renga.platform.http.problems import UnsupportedMediaType, problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, caller, key_of, who_asks

_HEADERS = {"Cache-Control": "no-store"}
_EXAMPLES = [
    Example(
        value=RowOutcome(line=1, slug="caneca-aurora", status="created", version=1),
        summary="a row that created a product",
    ),
    Example(
        value=RowOutcome(
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
    """The part of the catalogue that this handler needs."""

    def bulk(self, caller: Caller) -> Callable[[AsyncIterator[bytes]], AsyncIterator[RowOutcome | Summary]]:
        """A function from a stream of rows to outcomes. Raises Unauthenticated, InsufficientScope."""
        ...


class StoredBulkAnswers(bulk_once.BulkAnswers, Protocol):
    """Storage of responses by idempotency key."""

    async def kept(self, scope: str, key: str) -> bulk_once.Answered | None:
        """The stored response of an earlier call with this key."""
        ...


def routes(catalog: Bulks, answers: StoredBulkAnswers) -> list[HTTPRouteHandler]:
    """The handler of the bulk upsert."""

    @post(
        "/bulk",
        operation_id="bulkUpsertProducts",
        summary="Create or change up to 100,000 products",
        description=(
            f"The body is `application/x-ndjson`: one native product per line, each of at most {ROW_BYTES_MAX} bytes, at most "
            f"{BULK_ROWS_MAX} of them; `Content-Encoding: gzip` is accepted. The response has one line per row, in order, "
            "sent as rows are written, and a last line with the counts. An invalid row does not affect the others. A row is the "
            "whole product: members that it omits are removed. Sending the same rows again changes nothing, so after a broken "
            "connection send them again; with an `Idempotency-Key` a completed request returns its first response again."
        ),
        status_code=200,
        opt={
            **write_access(rate="import"),
            **checks_rows_itself(),
            **takes_lines(ROWS, line=ProductRow, example=_ROW),
            **answers_lines(ROWS, line=RowOutcome | Summary),
        },
        request_max_body_size=None,
        response_headers=[
            ResponseHeader(name="Content-Type", description=f"`{ROWS}`", documentation_only=True),
            REPLAYED,
        ],
        responses={
            200: ResponseSpec(
                RowOutcome, description="A line per row.", media_type=ROWS, generate_examples=False, examples=_EXAMPLES
            ),
            **problems(UnsupportedMediaType, Unauthenticated, Forbidden, TooManyRequests, IdempotencyConflict, Invalid),
        },
    )
    async def bulk_upsert(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[Any]:
        packed = _is_packed(request)
        upsert = catalog.bulk(who_asks(request))  # checks access before the response starts

        async def work(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            async for _, line in _lines(upsert(unpacked(body) if packed else body)):
                yield line

        async def work_once(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
            read = stream.hashed(body)
            outcomes = upsert(unpacked(read) if packed else read)
            async for line in stream.kept(answers, _lines(outcomes)):
                yield line

        key = key_of(idempotency_key)
        if key is None:
            return Duplex(work, media_type=ROWS, headers=_HEADERS)
        subject = caller(request).subject
        stream = BulkOnce(subject, key)
        earlier = await answers.kept(subject, key)
        if earlier is None:
            return Duplex(work_once, media_type=ROWS, headers=_HEADERS)
        pieces = await stream.again(request.stream(), earlier)
        return Stream(pieces, media_type=ROWS, headers={**_HEADERS, "Idempotency-Replayed": "true"})

    return [bulk_upsert]


async def _lines(outcomes: AsyncIterator[RowOutcome | Summary]) -> AsyncIterator[tuple[RowOutcome | Summary, bytes]]:
    async for one in outcomes:
        yield one, msgspec.json.encode(one) + b"\n"


def _is_packed(request: AnyRequest) -> bool:
    """Raises UnsupportedMediaType."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != ROWS:
        raise UnsupportedMediaType(f"the body must be {ROWS}")
    encoding: Any = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise UnsupportedMediaType("the body may be packed with gzip only")
    return bool(encoding == "gzip")
