"""Use cases: a stock count (inventory session). What was counted is collected, and applied in one transaction."""

from renga.domains.inventory.access import StockReach, keeper
from renga.domains.inventory.change_level import LevelChange, change_level, item_at
from renga.domains.inventory.contract import CountClosed, CountNotFound, LevelInvalid
from renga.domains.inventory.contract.levels import CountLine, CountState, StockCount
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.checking import checked_quantity
from renga.domains.inventory.ports import EndedCount
from renga.domains.inventory.set_level import KnownPlace, countable, place_of
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.ids import canonical_uuid

#: Lines of one count: they are applied in one transaction.
LINES_MAX = 1_000


async def read_count(dependencies: InventoryDependencies, caller: Caller, identifier: str) -> StockCount:
    """Raises CountNotFound."""
    return await _own(dependencies, caller, identifier)


async def put_count(
    dependencies: InventoryDependencies, caller: Caller, identifier: str, *, location: str, state: CountState
) -> StockCount:
    """Raises what the contract says."""
    reach = keeper(caller)
    if (canonical := canonical_uuid(identifier)) is None:
        raise LevelInvalid("the id of a stock count is a UUID", field="id")
    place = await place_of(dependencies, reach, location)
    known = await dependencies.register.count(canonical)
    if known is None:
        if state != "open":
            raise CountNotFound()
        known = StockCount(
            id=canonical, location=location, state="open", opened_by=caller.identified(),
            opened_at=rfc3339(dependencies.clock.now_ms()),
        )  # fmt: skip
        await dependencies.register.put_count(known)
    known = await _own(dependencies, caller, canonical)
    if known.location != location:
        raise LevelInvalid("a stock count stays at its location", field="location")
    if known.state == state:
        return known
    if known.state != "open":
        raise CountClosed(f"this stock count is {known.state}", state=known.state)
    await _close(dependencies, caller, known, place, state)
    return await _own(dependencies, caller, canonical)


async def count_sku(
    dependencies: InventoryDependencies, caller: Caller, identifier: str, sku: str, counted_milli: int
) -> StockCount:
    """Raises what the contract says."""
    known = await _own(dependencies, caller, identifier)
    checked_quantity(counted_milli, field="counted", least=0)
    await countable(dependencies, keeper(caller), sku)
    if len(known.lines) >= LINES_MAX and sku not in {one.sku for one in known.lines}:
        raise LevelInvalid(f"a stock count has at most {LINES_MAX} lines: open another one", field="sku")
    line = CountLine(
        sku=sku, counted_milli=counted_milli, by=caller.identified(), at=rfc3339(dependencies.clock.now_ms())
    )
    if not await dependencies.register.put_count_line(known.id, line):
        raise CountClosed(f"this stock count is {known.state}", state=known.state)
    return await _own(dependencies, caller, known.id)


async def _own(dependencies: InventoryDependencies, caller: Caller, identifier: str) -> StockCount:
    """Its opener's, or anybody's for those who reach every merchant. Raises CountNotFound."""
    reach = keeper(caller)
    canonical = canonical_uuid(identifier)
    found = None if canonical is None else await dependencies.register.count(canonical)
    if found is None or not (reach.every or found.opened_by == caller.identified()):
        raise CountNotFound(f"there is no stock count {identifier[:40]!r}")
    return found


async def _close(
    dependencies: InventoryDependencies, caller: Caller, count: StockCount, place: KnownPlace, state: CountState
) -> None:
    skus = [line.sku for line in count.lines] if state == "applied" else []
    owners = await _merchants(dependencies, keeper(caller), skus)
    async with dependencies.store.unit(skus, lots=True) as unit:
        recorder = dependencies.recorder(unit)
        found: dict[str, int] = {}
        for line in count.lines if state == "applied" else ():
            item, level = item_at(unit, line.sku, owners[line.sku], place.place)
            level.active = place.active
            found[line.sku] = level.on_hand
            if line.counted_milli != level.on_hand or not level.stored:
                change = LevelChange(
                    sku=line.sku, place=place.place, delta=line.counted_milli - level.on_hand, reason="counted",
                    actor=line.by, reference=f"count:{count.id}",
                )  # fmt: skip
                change_level(unit, recorder, item, level, change)
        changes = recorder.finished()
        counted = {line.sku: line.counted_milli for line in count.lines} if state == "applied" else {}
        changes.count = EndedCount(id=count.id, state=state, counted=counted, found=found)
        await unit.write(changes)


async def _merchants(dependencies: InventoryDependencies, reach: StockReach, skus: list[str]) -> dict[str, str]:
    merchants: dict[str, str] = {}
    for sku in skus:
        merchants[sku] = await countable(dependencies, reach, sku)
    return merchants
