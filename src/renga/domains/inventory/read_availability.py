"""Use cases: what can be sold of some skus now, exactly for other domains, capped for the public."""

from collections.abc import Sequence

import msgspec

from renga.domains.inventory.access import StockReach, reach_of
from renga.domains.inventory.contract import (
    AVAILABILITY_MAX,
    PUBLIC_AVAILABILITY_MAX,
    PUBLIC_CAP_MILLI,
    Available,
)
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.allocating import Parts, available_parts
from renga.domains.inventory.model.checking import checked_skus
from renga.domains.inventory.model.stock import Item
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339


async def read_availability(dependencies: InventoryDependencies, skus: Sequence[str]) -> dict[str, Available]:
    """Raises SkusInvalid, Unavailable."""
    return (await _read(dependencies, checked_skus(skus, AVAILABILITY_MAX)))[0]


async def read_public_availability(
    dependencies: InventoryDependencies, caller: Caller, skus: Sequence[str]
) -> dict[str, Available]:
    """Raises SkusInvalid, Unavailable."""
    found, merchants = await _read(dependencies, checked_skus(skus, PUBLIC_AVAILABILITY_MAX))
    reach = reach_of(caller)
    return {sku: _capped(one, reach, merchants[sku]) for sku, one in found.items()}


def _capped(one: Available, reach: StockReach, merchant: str) -> Available:
    if reach.covers(merchant):
        return one
    beyond = one.backorder_milli
    return msgspec.structs.replace(
        one,
        available_milli=min(one.available_milli, PUBLIC_CAP_MILLI),
        backorder_milli=None if beyond is None else min(beyond, PUBLIC_CAP_MILLI),
    )


async def _read(
    dependencies: InventoryDependencies, skus: Sequence[str]
) -> tuple[dict[str, Available], dict[str, str]]:
    bundles = await dependencies.compositions.parts(skus)
    parts = {sku: bundles.get(sku, ((sku, 1),)) for sku in skus}
    items = await dependencies.store.items(sorted({part for of_sku in parts.values() for part, _ in of_sku}))
    found, merchants = dict[str, Available](), dict[str, str]()
    for sku, of_sku in parts.items():
        if (amounts := available_parts(of_sku, items, 1000 if sku in bundles else 1)) is not None:
            free, beyond = amounts
            counted = [items[part] for part, _ in of_sku if part in items]
            found[sku] = Available(
                sku=sku, available_milli=free, backorder=beyond is None or beyond > 0, backorder_milli=beyond,
                from_at=_from_at(of_sku, items) if beyond != 0 else None,
            )  # fmt: skip
            merchants[sku] = counted[0].merchant
    return found, merchants


def _from_at(parts: Parts, items: dict[str, Item]) -> str | None:
    """The latest date on which a part comes that is not in stock."""
    dates = [items[sku].from_at_ms for sku, _ in parts if sku in items]
    known = [one for one in dates if one is not None]
    return rfc3339(max(known)) if known else None
