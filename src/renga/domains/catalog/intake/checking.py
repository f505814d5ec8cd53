"""Checks a whole file before anything is written: reads it once and spools the valid products to a temporary file."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from renga.domains.catalog.contract import ProductType
from renga.domains.catalog.feeds import common_names
from renga.domains.catalog.feeds.file_rows import csv_header, csv_rows, rows_of
from renga.domains.catalog.feeds.grouping import Candidate, candidates
from renga.domains.catalog.feeds.lines import open_lines
from renga.domains.catalog.feeds.mapping import RowMapping
from renga.domains.catalog.feeds.outcomes import ImportRefused, RowProblem
from renga.domains.catalog.feeds.shopify_columns import is_shopify, unknown_columns
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms, shopify_candidates
from renga.domains.catalog.model import Draft, limits
from renga.domains.catalog.rows.drafts import NO_TYPES

_HASH_CHUNK_BYTES = 1 << 20
#: Part of every fingerprint: a changed reader must not continue an import that an older one started.
_READER = b"renga-import-2"


class Spooled(msgspec.Struct, frozen=True, array_like=True):
    """A valid product: its lines, its number of rows, its draft."""

    first: int
    last: int
    rows: int
    draft: Draft


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Spooled)


class FileCheck:
    """The state of a check. Blocking: call ``step`` in a thread until it returns False, then ``close``."""

    def __init__(
        self,
        path: Path,
        mapping: RowMapping | None,
        types: Mapping[str, ProductType] = NO_TYPES,
        shopify: ShopifyTerms | None = None,
    ) -> None:
        self.rows = self.skipped = self.products = self.problems_total = 0
        self.problems: list[RowProblem] = []
        self.ignored: dict[str, None] = {}
        #: First occurrence of each sku (line, slug, index of the variant) and of each slug (line).
        self.skus: dict[str, tuple[int, str, int]] = {}
        self.slugs: dict[str, int] = {}
        shopify = shopify or ShopifyTerms()
        self.fingerprint = _fingerprint(path, mapping, shopify)
        self._mapping = mapping
        with ExitStack() as stack:
            file, lines = open_lines(path)
            stack.callback(file.close)
            self._spool: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
            header = csv_header(lines.head())
            if mapping is None and (shopify.always or is_shopify(header)):
                self.ignored = dict.fromkeys(unknown_columns(header)[: limits.IGNORED_FIELDS_MAX])
                self._candidates = shopify_candidates(csv_rows(lines), shopify, types)
            else:
                self._candidates = candidates(rows_of(lines, path.name), self._flat_of, types)
            self._resources = stack.pop_all()

    def close(self) -> None:
        self._resources.close()

    def step(self) -> bool:
        """Check the next CHECK_CHUNK_ROWS products; True if there are more. Raises ImportRefused if reading fails."""
        count = 0
        for candidate in islice(self._candidates, limits.CHECK_CHUNK_ROWS):
            count += 1
            self._take(candidate)
        return count == limits.CHECK_CHUNK_ROWS

    def add_problem(self, problem: RowProblem) -> None:
        self.problems_total += 1
        if len(self.problems) < limits.PROBLEMS_KEPT_MAX:
            self.problems.append(problem)

    def batches(self, bad_lines: set[int]) -> Iterator[list[Spooled]]:
        """The valid products in bounded batches, without those whose first line is in ``bad_lines`` (counted as skipped)."""
        self._spool.seek(0)
        batch: list[Spooled] = []
        size = 0
        for raw in self._spool:
            spooled = _decoder.decode(raw)
            if spooled.first in bad_lines:
                self.skipped += spooled.rows
                continue
            batch.append(spooled)
            size += len(raw)
            if len(batch) == limits.BATCH_PRODUCTS_MAX or size >= limits.BATCH_BYTES_MAX:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _flat_of(self, fields: dict[str, Any]) -> dict[str, Any]:
        if self._mapping is not None:
            return self._mapping(fields)
        flat, unknown = common_names.flat_of(fields)
        if unknown and len(self.ignored) < limits.IGNORED_FIELDS_MAX:
            self.ignored.update(dict.fromkeys(sorted(unknown)))
        return flat

    def _take(self, candidate: Candidate) -> None:
        self.rows += candidate.rows
        if self.rows > limits.ROWS_MAX:
            raise ImportRefused(f"the file has more than {limits.ROWS_MAX} rows; split it")
        problems = candidate.problems or self._doubles(candidate)
        for problem in problems:
            self.add_problem(problem)
        if problems or candidate.draft is None:
            self.skipped += candidate.rows
            return
        self.slugs[candidate.draft.slug] = candidate.first
        for index, variant in enumerate(candidate.draft.variants):
            self.skus[variant.sku] = (candidate.first, candidate.draft.slug, index)
        self._spool.write(_encode(Spooled(candidate.first, candidate.last, candidate.rows, candidate.draft)) + b"\n")
        self.products += 1

    def _doubles(self, candidate: Candidate) -> list[RowProblem]:
        draft, found = candidate.draft, []
        if draft is None:
            return []
        if draft.slug in self.slugs:
            reason = f"{draft.slug!r} is also the product on line {self.slugs[draft.slug]}"
            found.append(RowProblem(candidate.first, "slug", reason))
        for index, variant in enumerate(draft.variants):
            if variant.sku in self.skus:
                line, slug, _ = self.skus[variant.sku]
                reason = f"{variant.sku!r} of {draft.slug!r} is also on line {line}, of {slug!r}"
                found.append(RowProblem(candidate.first, f"variants[{index}].sku", reason))
        return found


def _fingerprint(path: Path, mapping: RowMapping | None, shopify: ShopifyTerms) -> str:
    digest = hashlib.blake2b(_READER, digest_size=32)
    digest.update(hashlib.blake2b(mapping.raw if mapping else b"").digest())
    digest.update(hashlib.blake2b(_encode(shopify)).digest())
    try:
        with path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from error
    return digest.hexdigest()
