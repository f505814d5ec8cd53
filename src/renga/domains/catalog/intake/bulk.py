"""Use case: upsert a stream of up to BULK_ROWS_MAX products, in batches, with one outcome per row in the rows' order."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.intake.bulk_rows import BulkRow, FieldProblem, RowOutcome, failed
from renga.domains.catalog.intake.streams import RowLine, StreamBroken, StreamTooLarge
from renga.domains.catalog.model import Draft
from renga.domains.catalog.model.limits import ROW_BYTES_MAX, SLUG_CHARS_MAX
from renga.kernel.errors import RengaError, Unavailable
from renga.platform.json_bounds import CONTAINERS_MAX, JsonTooComplex, has_too_many_containers

BULK_ROWS_MAX = 100_000
#: Rows per transaction.
BATCH_ROWS_MAX = 200
BATCH_BYTES_MAX = 4 << 20
BATCH_VARIANTS_MAX = 2_000
#: Reported problems per row.
ROW_PROBLEMS_MAX = 20
REASON_CHARACTERS_MAX = 300

#: Reads a native row; raises RowInvalid.
Read = Callable[[dict[str, Any]], Draft]
#: Writes a batch of rows with different slugs; raises Unavailable.
Write = Callable[[Sequence[BulkRow]], Awaitable[list[RowOutcome]]]

_decode = msgspec.json.Decoder().decode


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last line. ``refused`` counts rows that were not processed; ``code`` and ``detail`` give the reason."""

    rows: int
    created: int
    changed: int
    unchanged: int
    failed: int
    refused: int = 0
    code: str | None = None
    detail: str | None = None


async def bulk_upsert(lines: AsyncIterator[RowLine], read: Read, write: Write) -> AsyncIterator[RowOutcome | Summary]:
    """An error of the stream or the store ends it with a summary that has its code; rows reported before it are written."""
    state = _Bulk(read, write)
    error: RengaError | None = None
    try:
        async for line in lines:
            if state.add(line):
                for outcome in await state.flush():
                    yield outcome
    except Unavailable as away:
        yield state.summary(away)
        return
    except (StreamBroken, StreamTooLarge) as broken:
        error = broken
    try:
        for outcome in await state.flush():
            yield outcome
    except Unavailable as away:
        error = away
    yield state.summary(error)


class _Bulk:
    def __init__(self, read: Read, write: Write) -> None:
        self._draft_of, self._write = read, write
        self._counts = {"created": 0, "changed": 0, "unchanged": 0, "failed": 0}
        self._rows = self._refused = self._bytes = self._variants = 0
        self._read: list[BulkRow | RowOutcome] = []
        #: Digests of the slugs so far: eight bytes each, because there may be a hundred thousand.
        self._slugs: set[int] = set()

    def add(self, line: RowLine) -> bool:
        """Read a line; True if the batch is full."""
        if line.content is not None and not line.content.strip():
            return False
        if self._rows >= BULK_ROWS_MAX:
            self._refused += 1
            return False
        self._rows += 1
        self._bytes += len(line.content or b"")
        row = self._row(line)
        self._read.append(row)
        self._variants += len(row.draft.variants) if isinstance(row, BulkRow) else 0
        full = self._bytes >= BATCH_BYTES_MAX or self._variants >= BATCH_VARIANTS_MAX
        return full or len(self._read) >= BATCH_ROWS_MAX

    async def flush(self) -> list[RowOutcome]:
        """Write the batch. Raises Unavailable: then nothing of it is written."""
        read, self._read, self._bytes, self._variants = self._read, [], 0, 0
        wanted = [row for row in read if isinstance(row, BulkRow)]
        await asyncio.sleep(0)  # a batch of invalid rows never awaits, so yield to other tasks
        try:
            written = {outcome.line: outcome for outcome in (await self._write(wanted) if wanted else [])}
        except Unavailable:
            self._refused += len(read)
            self._rows -= len(read)
            raise
        outcomes = [written[row.line] if isinstance(row, BulkRow) else row for row in read]
        for outcome in outcomes:
            self._counts[outcome.status] += 1
        return outcomes

    def summary(self, error: RengaError | None) -> Summary:
        code = detail = None
        if error is not None:
            code, detail = error.code, error.detail
        elif self._refused:
            code, detail = "too_many_rows", f"at most {BULK_ROWS_MAX} rows are taken at once; send the rest again"
        return Summary(rows=self._rows, **self._counts, refused=self._refused, code=code, detail=detail)

    def _row(self, line: RowLine) -> BulkRow | RowOutcome:
        if line.content is None:
            return failed(line.number, None, "row_too_long", "", f"is longer than {ROW_BYTES_MAX} bytes")
        if has_too_many_containers(line.content):
            reason = f"has more than {CONTAINERS_MAX} objects and lists"
            return failed(line.number, None, JsonTooComplex.code, "", reason)
        try:
            fields = _decode(line.content)
        except RecursionError:
            return failed(line.number, None, "invalid_json", "", "is nested too deeply")
        except (msgspec.MsgspecError, ValueError) as error:
            return failed(line.number, None, "invalid_json", "", f"is not valid JSON: {error}"[:REASON_CHARACTERS_MAX])
        if not isinstance(fields, dict):
            return failed(line.number, None, "invalid_json", "", "is not a JSON object")
        return self._draft(line.number, fields)

    def _draft(self, number: int, fields: dict[str, Any]) -> BulkRow | RowOutcome:
        try:
            draft = self._draft_of(fields)
        except RowInvalid as invalid:
            problems = tuple(
                FieldProblem(f[:REASON_CHARACTERS_MAX], r[:REASON_CHARACTERS_MAX]) for f, r in invalid.problems
            )
            slug = fields.get("slug")
            shown = slug if isinstance(slug, str) and len(slug) <= SLUG_CHARS_MAX else None
            return RowOutcome(
                line=number, slug=shown, status="failed", code=invalid.code, problems=problems[:ROW_PROBLEMS_MAX]
            )
        digest = int.from_bytes(hashlib.blake2b(draft.slug.encode(), digest_size=8).digest())
        if digest in self._slugs:
            return failed(number, draft.slug, "slug_twice", "slug", "stands in this stream before")
        self._slugs.add(digest)
        return BulkRow(number, draft)
