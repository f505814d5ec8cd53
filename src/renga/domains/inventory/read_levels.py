"""Use cases: the levels of a sku, lists of levels, and the journal."""

from renga.domains.catalog.contract import SkuNotFound
from renga.domains.inventory.access import StockReach, keeper
from renga.domains.inventory.contract import LevelInvalid, LevelNotFound
from renga.domains.inventory.contract.levels import JournalPage, LevelsPage, SkuLevels
from renga.domains.inventory.contract.management import PAGE_MAX
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.views import levels_of
from renga.kernel.caller import Caller

POSITION_DIGITS_MAX = 18


async def read_level(dependencies: InventoryDependencies, caller: Caller, sku: str) -> SkuLevels:
    """Raises SkuNotFound, LevelNotFound."""
    await _check_own(dependencies, keeper(caller), sku)
    item = (await dependencies.store.items([sku])).get(sku)
    if item is None:
        raise LevelNotFound(f"{sku!r} is not counted")
    return levels_of(item, await dependencies.register.lots([sku]))


async def list_levels(
    dependencies: InventoryDependencies, caller: Caller, *, low: bool, cursor: str | None, limit: int
) -> LevelsPage:
    """Raises LevelInvalid (limit)."""
    reach = keeper(caller)
    _check_limit(limit)
    merchants = None if reach.every else reach.merchants
    skus = list(await dependencies.register.listed(merchants, low=low, after=cursor or "", limit=limit + 1))
    page = skus[:limit]
    items, lots = await dependencies.store.items(page), await dependencies.register.lots(page)
    return LevelsPage(
        items=tuple(levels_of(items[sku], lots) for sku in page if sku in items),
        next=page[-1] if len(skus) > limit else None,
    )


async def read_journal(
    dependencies: InventoryDependencies, caller: Caller, sku: str, *, cursor: str | None, limit: int
) -> JournalPage:
    """Raises SkuNotFound, LevelInvalid (limit, cursor)."""
    await _check_own(dependencies, keeper(caller), sku)
    _check_limit(limit)
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= POSITION_DIGITS_MAX):
        raise LevelInvalid("this cursor was not made by this list", field="cursor")
    entries = await dependencies.register.journal(sku, None if cursor is None else int(cursor), limit + 1)
    page = tuple(entries[:limit])
    return JournalPage(items=page, next=str(page[-1].position) if len(entries) > limit else None)


async def _check_own(dependencies: InventoryDependencies, reach: StockReach, sku: str) -> None:
    """A sku that has left the catalogue stays with the merchant who counted it. Raises SkuNotFound."""
    owner = (await dependencies.compositions.owners([sku])).get(sku)
    item = None if owner else (await dependencies.store.items([sku])).get(sku)
    merchant = owner.merchant if owner else item.merchant if item else None
    if merchant is None or not reach.covers(merchant):
        raise SkuNotFound(f"there is no sku {sku[:100]!r}")


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= PAGE_MAX:
        raise LevelInvalid(f"a page has from 1 to {PAGE_MAX} items", field="limit")
