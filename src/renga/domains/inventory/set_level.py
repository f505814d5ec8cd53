"""Use cases: set a level, and record a movement of goods."""

from collections.abc import Sequence
from typing import Any

import msgspec

from renga.domains.catalog.contract import SkuNotFound
from renga.domains.inventory.access import StockReach, keeper
from renga.domains.inventory.change_level import LevelChange, change_level, item_at
from renga.domains.inventory.contract import BundleNotCounted, Left, LevelInvalid, LocationNotFound, NotEnoughStock
from renga.domains.inventory.contract.levels import (
    DEFAULT_LOCATION,
    Backorder,
    LevelUpdate,
    NewMovement,
    SkuLevels,
    StockLocation,
)
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.checking import checked_lot, checked_quantity, checked_text
from renga.domains.inventory.model.stock import Item, Lot, StockPlace
from renga.domains.inventory.views import levels_of
from renga.kernel.caller import Caller
from renga.kernel.clock import from_rfc3339
from renga.kernel.once import Once

_decoder = msgspec.json.Decoder(SkuLevels)


async def set_level(dependencies: InventoryDependencies, caller: Caller, sku: str, update: LevelUpdate) -> SkuLevels:
    """Raises what the contract says."""
    reach = keeper(caller)
    _check(update)
    merchant = await countable(dependencies, reach, sku)
    known = await place_of(dependencies, reach, update.location)
    async with dependencies.store.unit([sku], lots=True) as unit:
        recorder = dependencies.recorder(unit)
        item, level = item_at(unit, sku, merchant, known.place)
        level.active = known.active
        on_hand = level.on_hand if update.on_hand_milli is msgspec.UNSET else update.on_hand_milli
        delta = on_hand - level.on_hand
        before = (level.safety, item.backorder, item.backorder_limit, item.from_at_ms, item.low)
        level.safety = level.safety if update.safety_milli is msgspec.UNSET else update.safety_milli
        _set_terms(item, update)
        after = (level.safety, item.backorder, item.backorder_limit, item.from_at_ms, item.low)
        if delta or before != after or not level.stored:
            change = LevelChange(
                sku=sku, place=known.place, delta=delta, reason=update.reason, actor=caller.identified(),
                reference=update.reference,
            )  # fmt: skip
            change_level(unit, recorder, item, level, change)
        await unit.write(recorder.finished())
    return levels_of(item, unit.lots)


async def record_movement(
    dependencies: InventoryDependencies, caller: Caller, new: NewMovement, once: Once | None
) -> SkuLevels:
    """Raises what the contract says."""
    reach = keeper(caller)
    _check_movement(new)
    merchant = await countable(dependencies, reach, new.sku)
    known = await place_of(dependencies, reach, new.location)
    async with dependencies.store.unit([new.sku], lots=True) as unit:
        recorder = dependencies.recorder(unit)
        if once is not None and (kept := await unit.claim(once, recorder.now_ms)) is not None:
            return _decoder.decode(kept)
        item, level = item_at(unit, new.sku, merchant, known.place)
        level.active = known.active
        if level.on_hand + new.quantity_milli < 0:
            left = Left(sku=new.sku, wanted_milli=-new.quantity_milli, available_milli=level.on_hand)
            raise NotEnoughStock({new.sku: left})
        checked_quantity(level.on_hand + new.quantity_milli, field="quantity", least=0)
        _check_lot(unit.lots.get((new.sku, new.location), ()), new)
        change = LevelChange(
            sku=new.sku, place=known.place, delta=new.quantity_milli, reason=new.reason, actor=caller.identified(),
            reference=new.reference, lot=new.lot, expires_on=new.expires_on,
        )  # fmt: skip
        change_level(unit, recorder, item, level, change)
        await unit.write(recorder.finished())
        answer = levels_of(item, unit.lots)
        if once is not None:
            await unit.keep(once, msgspec.json.encode(answer))
    return answer


def _check_lot(lots: Sequence[Lot], new: NewMovement) -> None:
    """Raises NotEnoughStock: more of a lot goes than there is; LevelInvalid: it has another expiry date."""
    known = next((one for one in lots if one.lot == new.lot), None)
    if known is not None and new.expires_on not in (None, known.expires_on):
        raise LevelInvalid(f"the lot {new.lot} expires on {known.expires_on or 'no known day'}", field="expires_on")
    on_hand = 0 if known is None else known.on_hand
    if new.lot is not None and on_hand + new.quantity_milli < 0:
        left = Left(sku=new.sku, wanted_milli=-new.quantity_milli, available_milli=on_hand)
        raise NotEnoughStock({new.sku: left})


class KnownPlace(msgspec.Struct, frozen=True):
    """A location that a caller may use."""

    place: StockPlace
    active: bool


async def countable(dependencies: InventoryDependencies, reach: StockReach, sku: str) -> str:
    """The merchant of a sku that the caller keeps. Raises SkuNotFound, BundleNotCounted."""
    return (await all_countable(dependencies, reach, [sku]))[sku]


async def all_countable(dependencies: InventoryDependencies, reach: StockReach, skus: list[str]) -> dict[str, str]:
    """The merchants of at most OFFERS_MAX skus. Raises SkuNotFound, BundleNotCounted for the first one that is not countable."""
    known = await dependencies.compositions.owners(skus)
    for sku in skus:
        owner = known.get(sku)
        if owner is None or not reach.covers(owner.merchant):
            raise SkuNotFound(f"there is no sku {sku[:100]!r}")
        if owner.bundle:
            raise BundleNotCounted(f"{sku!r} is a bundle: set the levels of its parts")
    return {sku: known[sku].merchant for sku in skus}


async def place_of(dependencies: InventoryDependencies, reach: StockReach, code: str) -> KnownPlace:
    """A location of the shop, or of the caller's merchants. Raises LocationNotFound."""
    if code == DEFAULT_LOCATION:
        await dependencies.register.ensure_default()
    found = next((one for one in await dependencies.register.locations() if one.code == code), None)
    if found is None or not may_use(reach, found):
        raise LocationNotFound(f"there is no location {code[:80]!r}")
    place = StockPlace(
        code=code, priority=found.priority, country=found.country, region=found.region, postal_code=found.postal_code
    )
    return KnownPlace(place, found.active)


def may_use(reach: StockReach, location: StockLocation) -> bool:
    """The shop's locations are for every keeper of stock; a merchant's for this merchant."""
    return location.merchant == "house" or reach.covers(location.merchant)


def _set_terms(item: Item, update: LevelUpdate) -> None:
    if update.backorder is not msgspec.UNSET:
        terms = update.backorder
        item.backorder, item.backorder_limit = terms.kind, terms.limit_milli
        item.from_at_ms = None if terms.from_at is None else from_rfc3339(terms.from_at)
    if update.low_milli is not msgspec.UNSET:
        item.low = update.low_milli


def _check(update: LevelUpdate) -> None:
    """Raises LevelInvalid, StockQuantityInvalid."""
    amounts: dict[str, Any] = {
        "on_hand": update.on_hand_milli, "safety": update.safety_milli, "low": update.low_milli
    }  # fmt: skip
    for field, milli in amounts.items():
        if milli is not msgspec.UNSET and milli is not None:
            checked_quantity(milli, field=field, least=0)
    if isinstance(update.backorder, Backorder):
        _check_backorder(update.backorder)
    checked_text(update.reference, field="reference")


def _check_backorder(terms: Backorder) -> None:
    if terms.limit_milli is not None:
        checked_quantity(terms.limit_milli, field="backorder.limit", least=0)
    if terms.from_at is not None:
        try:
            from_rfc3339(terms.from_at)
        except ValueError as error:
            raise LevelInvalid(str(error), field="backorder.from_at") from None


def _check_movement(new: NewMovement) -> None:
    if new.quantity_milli == 0:
        raise LevelInvalid("a movement moves something", field="quantity")
    checked_quantity(abs(new.quantity_milli), field="quantity")
    checked_text(new.reference, field="reference")
    checked_lot(new.lot, new.expires_on)
