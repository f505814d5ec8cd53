"""Use case: import a file of products: check all of it, then write it in batches; an interrupted import can be resumed."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from renga.domains.catalog.contract import ProductType, SkuTaken
from renga.domains.catalog.feeds.mapping import load_mapping
from renga.domains.catalog.feeds.outcomes import ImportRefused, ImportReport, Progress, RowProblem
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms
from renga.domains.catalog.intake.checking import FileCheck, Spooled
from renga.domains.catalog.intake.upsert_products import Upserted, upsert_products
from renga.domains.catalog.model import limits
from renga.domains.catalog.ports import ImportMark, ProductStore
from renga.domains.catalog.rows.drafts import NO_TYPES
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource

STDIN = "-"


async def import_products(
    store: ProductStore,
    source: Path | str,
    *,
    mapping: Path | None = None,
    skip_bad: bool = False,
    progress: Progress | None = None,
    clock: Clock,
    new_id: IdSource,
    stdin: BinaryIO | None = None,
    types: Mapping[str, ProductType] = NO_TYPES,
    shopify: ShopifyTerms | None = None,
) -> ImportReport:
    """Upsert every product of a JSON Lines, CSV or Shopify product CSV file; ``-`` reads the standard input.

    If rows are invalid, nothing is written, unless ``skip_bad`` skips them. Raises ImportRefused; Unavailable if the store
    fails midway: the same import then continues where it stopped.
    """
    started_ms = clock.now_ms()
    async with _checked(source, mapping, progress, stdin, types, shopify) as check:
        bad_lines = await _check_owners(store, check)
        if check.problems_total and not skip_bad:
            raise _refusal(check, check.skipped + len(bad_lines), mapping)
        if not check.rows:
            raise ImportRefused(f"{source} holds no rows")
        work = _Writing(store, check, clock, new_id, skip_bad, progress)
        await work.run(bad_lines)
        return ImportReport(
            rows=check.rows,
            created=work.upserted.created,
            changed=work.upserted.changed,
            unchanged=work.upserted.unchanged,
            skipped=check.skipped,
            problems=tuple(check.problems),
            problems_total=check.problems_total,
            resumed=work.resumed,
            ignored=tuple(check.ignored),
            seconds=(clock.now_ms() - started_ms) / 1000,
        )


@asynccontextmanager
async def _checked(
    source: Path | str,
    mapping: Path | None,
    progress: Progress | None,
    stdin: BinaryIO | None,
    types: Mapping[str, ProductType],
    shopify: ShopifyTerms | None,
) -> AsyncIterator[FileCheck]:
    """The checked file; its temporary files are deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="renga-import-") as folder:
        path = Path(source)
        if str(source) == STDIN:
            path = Path(folder, "stdin")
            await asyncio.to_thread(_spool, stdin or sys.stdin.buffer, path)
        rows = await asyncio.to_thread(load_mapping, mapping) if mapping else None
        check = await asyncio.to_thread(FileCheck, path, rows, types, shopify)
        try:
            while await asyncio.to_thread(check.step):
                if progress:
                    progress(check.rows, None)
            yield check
        finally:
            check.close()


def _spool(stdin: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(stdin, file)


async def _check_owners(store: ProductStore, check: FileCheck) -> set[int]:
    """Finds skus that belong to another product of the shop; returns the lines of their rows."""
    bad: set[int] = set()
    skus = iter(check.skus)
    while chunk := list(islice(skus, limits.OWNERS_CHUNK_SKUS)):
        for sku, owner in (await store.owners(chunk)).items():
            line, slug, index = check.skus[sku]
            if slug != owner:
                bad.add(line)
                check.add_problem(_taken(line, index, sku, slug, owner))
    return bad


def _taken(line: int, index: int, sku: str, slug: str, owner: str) -> RowProblem:
    return RowProblem(line, f"variants[{index}].sku", f"{sku!r} of {slug!r} already belongs to the product {owner!r}")


def _refusal(check: FileCheck, bad_rows: int, mapping: Path | None) -> ImportRefused:
    first = check.problems[0]
    rows = f"{bad_rows} of {check.rows} rows are bad"
    hint = "" if mapping else _hint(check)
    return ImportRefused(f"{rows}, nothing was written; {first}{hint}", check.problems, check.problems_total)


def _hint(check: FileCheck) -> str:
    """A hint if a mapping file could help."""
    if all(problem.field == "currency" for problem in check.problems):
        return ' (give a mapping that says currency = "…": --mapping FILE, see docs/guides/import.md)'
    if check.ignored:
        names = ", ".join(islice(check.ignored, 5))
        return f" (fields not understood without a mapping: {names}; --mapping FILE, see docs/guides/import.md)"
    return ""


class _Writing:
    """The second part of an import: batches, each in one transaction with the progress mark."""

    def __init__(
        self,
        store: ProductStore,
        check: FileCheck,
        clock: Clock,
        new_id: IdSource,
        skip_bad: bool,
        progress: Progress | None,
    ) -> None:
        self.upserted = Upserted()
        self.resumed = 0
        self._store, self._check, self._clock, self._new_id = store, check, clock, new_id
        self._skip_bad, self._progress = skip_bad, progress
        self._written = 0

    async def run(self, bad_lines: set[int]) -> None:
        after_line = await self._resume_line()
        good = self._check.products - len(bad_lines)
        for batch in self._check.batches(bad_lines):
            todo = [spooled for spooled in batch if spooled.last > after_line]
            self.resumed += len(batch) - len(todo)
            if todo:
                await self._write(todo)
            self._written += len(batch)
            if self._progress:
                self._progress(self._written, good)
        await self._store.clear_import_mark()

    async def _resume_line(self) -> int:
        mark = await self._store.import_mark()
        if mark is None or mark.fingerprint != self._check.fingerprint:
            return 0
        return mark.line if self._clock.now_ms() - mark.at_ms <= limits.RESUME_WITHIN_MS else 0

    async def _write(self, batch: Sequence[Spooled]) -> None:
        mark = ImportMark(fingerprint=self._check.fingerprint, line=batch[-1].last, at_ms=self._clock.now_ms())
        while True:
            drafts = [spooled.draft for spooled in batch]
            try:
                self.upserted += await upsert_products(
                    self._store, drafts, clock=self._clock, new_id=self._new_id, mark=mark
                )
                return
            except SkuTaken as taken:
                batch = self._without(batch, taken)

    def _without(self, batch: Sequence[Spooled], taken: SkuTaken) -> list[Spooled]:
        """The batch without products whose skus were taken since the check."""
        lost = {wanted_by for wanted_by, _ in taken.taken.values()}
        for sku, (slug, owner) in taken.taken.items():
            line, _, index = self._check.skus[sku]
            self._check.add_problem(_taken(line, index, sku, slug, owner))
        if not self._skip_bad:
            detail = f"{taken.detail}; the rows before it are written, the same import continues from there"
            raise ImportRefused(detail, self._check.problems, self._check.problems_total)
        self._check.skipped += sum(s.rows for s in batch if s.draft.slug in lost)
        return [spooled for spooled in batch if spooled.draft.slug not in lost]
