"""Use cases: locations of stock. Whether one is active is written at each of its levels, under the lock of the sku."""

import re
from collections.abc import Sequence

from renga.domains.inventory.access import check_whole_stock, keeper
from renga.domains.inventory.change_level import LevelChange, change_level
from renga.domains.inventory.contract import LocationInvalid, LocationNotFound
from renga.domains.inventory.contract.levels import DEFAULT_LOCATION, StockLocation
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.checking import REFERENCE_CHARS_MAX
from renga.domains.inventory.set_level import may_use
from renga.kernel.caller import Caller

HOUSE = "house"
PRIORITY_MAX = 1_000_000
#: Skus that are changed in one transaction.
CHUNK_SKUS = 100

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COUNTRY = re.compile(r"([A-Z]{2})?")
_REGION = re.compile(r"[A-Z0-9]{0,3}")
_POSTAL_CODE = re.compile(r"[A-Za-z0-9 -]{0,12}")


async def list_locations(dependencies: InventoryDependencies, caller: Caller) -> Sequence[StockLocation]:
    reach = keeper(caller)
    await dependencies.register.ensure_default()
    return [one for one in await dependencies.register.locations() if may_use(reach, one)]


async def put_location(dependencies: InventoryDependencies, caller: Caller, location: StockLocation) -> StockLocation:
    """Raises LocationInvalid, LocationNotFound."""
    reach = keeper(caller)
    _check(location)
    known = next((one for one in await dependencies.register.locations() if one.code == location.code), None)
    for merchant in {location.merchant, known.merchant if known else location.merchant}:
        if merchant == HOUSE:
            check_whole_stock(caller)
        elif not reach.covers(merchant):
            raise LocationNotFound(f"there is no location {location.code!r}")
    if known is not None and known.merchant != location.merchant:
        raise LocationInvalid("a location stays with its merchant", field="merchant")
    await dependencies.register.put_location(location)
    await _activate(dependencies, caller.identified(), location)
    return location


async def _activate(dependencies: InventoryDependencies, actor: str, location: StockLocation) -> None:
    """Its levels are as active as the location; repeated after a crash it does what is left."""
    after = ""
    while skus := await dependencies.register.skus_at(location.code, after, CHUNK_SKUS):
        async with dependencies.store.unit(skus) as unit:
            recorder = dependencies.recorder(unit)
            for item in unit.items.values():
                level = item.levels[location.code]
                if level.active != location.active:
                    level.active = location.active
                    change = LevelChange(
                        sku=item.sku, place=level.place, delta=0, reason="corrected", actor=actor
                    )  # fmt: skip
                    change_level(unit, recorder, item, level, change)
            await unit.write(recorder.finished())
        after = skus[-1]


def _check(location: StockLocation) -> None:
    """Raises LocationInvalid."""
    named = 1 <= len(location.name) <= REFERENCE_CHARS_MAX and location.name.isprintable()
    for field, met in (
        ("code", _CODE.fullmatch(location.code)),
        ("name", named),
        ("country", _COUNTRY.fullmatch(location.country)),
        ("region", _REGION.fullmatch(location.region)),
        ("postal_code", _POSTAL_CODE.fullmatch(location.postal_code)),
        ("priority", 0 <= location.priority <= PRIORITY_MAX),
        ("merchant", location.code != DEFAULT_LOCATION or location.merchant == HOUSE),
    ):
        if not met:
            raise LocationInvalid(f"{field} is not that of a location", field=field)
