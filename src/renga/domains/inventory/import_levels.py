"""Use case: set many levels from the rows of a file. All rows are checked first; then they are written in parts."""

from collections.abc import Iterator, Sequence

from renga.domains.catalog.contract import OFFERS_MAX
from renga.domains.inventory.access import StockReach, keeper
from renga.domains.inventory.change_level import LevelChange, change_level, item_at
from renga.domains.inventory.contract import StockImportRefused, StockQuantityInvalid
from renga.domains.inventory.contract.levels import StockImportReport, StockRow
from renga.domains.inventory.contract.management import IMPORT_ROWS_MAX, PROBLEMS_MAX
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.quantities import milli_of
from renga.domains.inventory.model.stock import StockPlace
from renga.domains.inventory.ports import SkuOwner
from renga.domains.inventory.set_level import may_use
from renga.kernel.caller import Caller
from renga.platform.yielding import Yielding

#: Skus of one transaction.
CHUNK_ROWS = 250


async def import_levels(
    dependencies: InventoryDependencies, caller: Caller, rows: Sequence[StockRow]
) -> StockImportReport:
    """Raises StockImportRefused (nothing was written), and what the contract says."""
    reach = keeper(caller)
    if len(rows) > IMPORT_ROWS_MAX:
        raise StockImportRefused(f"an import has at most {IMPORT_ROWS_MAX} rows", limit=IMPORT_ROWS_MAX)
    await dependencies.register.ensure_default()
    places = {
        one.code: (StockPlace(code=one.code, priority=one.priority), one.active)
        for one in await dependencies.register.locations()
        if may_use(reach, one)
    }
    owners = await _checked(dependencies, reach, rows, set(places))
    changed = 0
    for chunk in _chunks(rows):
        changed += await _write(dependencies, caller.identified(), chunk, places, owners)
    return StockImportReport(rows=len(rows), changed=changed, unchanged=len(rows) - changed)


async def _checked(
    dependencies: InventoryDependencies, reach: StockReach, rows: Sequence[StockRow], places: set[str]
) -> dict[str, SkuOwner]:
    """The owners of all skus. Raises StockImportRefused."""
    owners: dict[str, SkuOwner] = {}
    skus = list(dict.fromkeys(row.sku for row in rows))
    for at in range(0, len(skus), OFFERS_MAX):
        owners |= await dependencies.compositions.owners(skus[at : at + OFFERS_MAX])
    problems, seen, yielding = [], set[tuple[str, str]](), Yielding()
    for number, row in enumerate(rows, 1):
        await yielding.turn()
        if problem := _problem(row, owners.get(row.sku), reach, places):
            problems.append({"row": number, "reason": problem})
        elif (row.sku, row.location) in seen:
            problems.append({"row": number, "reason": f"{row.sku!r} is there twice at {row.location!r}"})
        seen.add((row.sku, row.location))
    if problems:
        first = problems[0]
        raise StockImportRefused(
            f"row {first['row']}: {first['reason']}", problems=problems[:PROBLEMS_MAX], count=len(problems)
        )
    return owners


def _problem(row: StockRow, owner: SkuOwner | None, reach: StockReach, places: set[str]) -> str | None:
    if owner is None or not reach.covers(owner.merchant):
        return f"there is no sku {row.sku[:100]!r}"
    if owner.bundle:
        return f"{row.sku!r} is a bundle: set the levels of its parts"
    if row.location not in places:
        return f"there is no location {row.location[:80]!r}"
    try:
        amounts = [milli_of(row.on_hand, field="on_hand"), milli_of(row.safety or 0, field="safety")]
    except StockQuantityInvalid as error:
        return error.detail
    return "a quantity is not negative" if min(amounts) < 0 else None


def _chunks(rows: Sequence[StockRow]) -> Iterator[Sequence[StockRow]]:
    for at in range(0, len(rows), CHUNK_ROWS):
        yield rows[at : at + CHUNK_ROWS]


async def _write(
    dependencies: InventoryDependencies,
    actor: str,
    rows: Sequence[StockRow],
    places: dict[str, tuple[StockPlace, bool]],
    owners: dict[str, SkuOwner],
) -> int:
    changed = 0
    async with dependencies.store.unit(sorted({row.sku for row in rows}), lots=True) as unit:
        recorder = dependencies.recorder(unit)
        for row in rows:
            place, active = places[row.location]
            item, level = item_at(unit, row.sku, owners[row.sku].merchant, place)
            delta = milli_of(row.on_hand, field="on_hand") - level.on_hand
            safety = level.safety if row.safety is None else milli_of(row.safety, field="safety")
            if delta or safety != level.safety or not level.stored:
                level.active, level.safety = active, safety
                change = LevelChange(
                    sku=row.sku, place=place, delta=delta, reason="counted", actor=actor, reference="import"
                )
                change_level(unit, recorder, item, level, change)
                changed += 1
        await unit.write(recorder.finished())
    return changed
