"""Use case: upsert one batch of rows; invalid rows are reported, the others are written together."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import BundlePartForeign, Product, ProductSlugTaken, RowInvalid
from renga.domains.catalog.intake.bundling import foreign_parts, merchant_of, merchants_of, new_parts
from renga.domains.catalog.intake.group_owning import REASON, foreign_groups
from renga.domains.catalog.model import Draft, decide
from renga.domains.catalog.model.limits import WRITE_ATTEMPTS_MAX
from renga.domains.catalog.ports import ProductStore, StaleWrite
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.ids import IdSource
from renga.platform.yielding import Yielding

#: Reported problems per row.
PROBLEMS_MAX = 20

RowStatus = Literal["created", "changed", "unchanged", "failed"]


class FieldProblem(msgspec.Struct, frozen=True):
    """A problem of one field of a row; ``field`` is its path, empty for the row as a whole."""

    field: str
    reason: str


class RowOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of one row. ``line`` counts from 1; ``version`` is the product's after it; failed rows have a ``code``."""

    line: int
    slug: str | None = None
    status: RowStatus
    version: int | None = None
    code: str | None = None
    problems: tuple[FieldProblem, ...] = ()


class BulkRow(msgspec.Struct, frozen=True):
    """A valid row with its draft."""

    line: int
    draft: Draft


def failed(line: int, slug: str | None, code: str, field: str, reason: str) -> RowOutcome:
    """The outcome of a row that was not written, with one problem."""
    return RowOutcome(line=line, slug=slug, status="failed", code=code, problems=(FieldProblem(field, reason),))


async def upsert_rows(
    store: ProductStore,
    rows: Sequence[BulkRow],
    *,
    reach: Reach,
    clock: Clock,
    new_id: IdSource,
) -> list[RowOutcome]:
    """One outcome per row, in the same order; rows have distinct slugs.

    A new product without merchant gets the caller's single merchant. Raises Unavailable: nothing was written.
    """
    writing = _RowBatch(store, reach, clock, new_id)
    for _ in range(WRITE_ATTEMPTS_MAX):
        outcomes = await writing.attempt(rows)
        if outcomes is not None:
            return outcomes
    # repeated conflicts with concurrent writes: write each row on its own, so that only the conflicting ones fail
    return [await _alone(writing, row) for row in rows]


async def _alone(writing: "_RowBatch", row: BulkRow) -> RowOutcome:
    for _ in range(WRITE_ATTEMPTS_MAX):
        outcomes = await writing.attempt([row])
        if outcomes is not None:
            return outcomes[0]
    return failed(row.line, row.draft.slug, StaleWrite.code, "", StaleWrite.title)


class _RowBatch:
    def __init__(self, store: ProductStore, reach: Reach, clock: Clock, new_id: IdSource) -> None:
        self._store, self._reach, self._clock, self._new_id = store, reach, clock, new_id

    async def attempt(self, rows: Sequence[BulkRow]) -> list[RowOutcome] | None:
        """None on a conflict with a concurrent write: nothing was written."""
        current = await self._store.by_slug([row.draft.slug for row in rows])
        owners = await self._store.owners([variant.sku for row in rows for variant in row.draft.variants])
        at = rfc3339(self._clock.now_ms())
        taken: dict[str, str] = dict(owners)
        merchants = await self._part_merchants(rows)
        outcomes, changes, yielding = [], [], Yielding()
        for row in rows:
            await yielding.turn()
            there = current.get(row.draft.slug)
            draft = self._owned(row.draft) if there is None else row.draft
            outcome = (
                self._refusal(row, there, taken)
                or self._foreign_parts(row.line, draft, there, merchants)
                or _foreign_groups(row.line, draft, there)
            )
            if outcome is None:
                taken |= {variant.sku: draft.slug for variant in draft.variants}
                if not self._reach.every:  # a later row of the batch may bundle these
                    merchants |= dict.fromkeys((variant.sku for variant in draft.variants), merchant_of(draft, there))
                change = decide(there, draft, at=at, new_id=self._new_id)
                outcome = _outcome(row, there, change.product if change else None)
                if change is not None:
                    changes.append(change)
            outcomes.append(outcome)
        try:
            if changes:
                await self._store.write(changes)
        except StaleWrite:
            return None
        return outcomes

    def _refusal(self, row: BulkRow, current: Product | None, taken: Mapping[str, str]) -> RowOutcome | None:
        draft, line = row.draft, row.line
        merchant = draft.merchant
        if current is not None and not self._reach.covers(current.merchant):
            return failed(line, draft.slug, ProductSlugTaken.code, "slug", "is a product of another merchant")
        if merchant is not None and not self._reach.covers(merchant):
            return failed(line, draft.slug, "merchant_not_yours", "merchant", "is none of yours")
        if current is None and merchant is None and self._reach.only is None:
            return failed(line, draft.slug, "merchant_required", "merchant", "is missing: a new product has a merchant")
        for index, variant in enumerate(draft.variants):
            owner = taken.get(variant.sku, draft.slug)
            if owner != draft.slug:
                reason = f"{variant.sku!r} already belongs to the product {owner!r}"
                return failed(line, draft.slug, "sku_taken", f"variants[{index}].sku", reason)
        return None

    async def _part_merchants(self, rows: Sequence[BulkRow]) -> dict[str, str]:
        """The merchants of all parts; not needed, and empty, for callers who may bundle anything."""
        if self._reach.every:
            return {}
        variants = (variant for row in rows for variant in row.draft.variants)
        return await merchants_of(self._store, (("", part.sku) for variant in variants for part in variant.bundle))

    def _foreign_parts(
        self, line: int, draft: Draft, current: Product | None, merchants: Mapping[str, str]
    ) -> RowOutcome | None:
        if self._reach.every:
            return None
        foreign = foreign_parts(new_parts(draft, current), merchant_of(draft, current), merchants)
        if not foreign:
            return None
        problems = tuple(FieldProblem(field, BundlePartForeign.reason(sku)) for field, sku in foreign)
        return RowOutcome(
            line=line, slug=draft.slug, status="failed", code=BundlePartForeign.code, problems=problems[:PROBLEMS_MAX]
        )

    def _owned(self, draft: Draft) -> Draft:
        return draft if draft.merchant is not None else msgspec.structs.replace(draft, merchant=self._reach.only)


def _foreign_groups(line: int, draft: Draft, current: Product | None) -> RowOutcome | None:
    problems = tuple(FieldProblem(field, REASON) for field in foreign_groups(draft, current))
    if not problems:
        return None
    return RowOutcome(
        line=line, slug=draft.slug, status="failed", code=RowInvalid.code, problems=problems[:PROBLEMS_MAX]
    )


def _outcome(row: BulkRow, current: Product | None, changed: Product | None) -> RowOutcome:
    if changed is None:
        assert current is not None, "a new product is always a change"
        return RowOutcome(line=row.line, slug=current.slug, status="unchanged", version=current.version)
    status: RowStatus = "created" if current is None else "changed"
    return RowOutcome(line=row.line, slug=changed.slug, status=status, version=changed.version)
