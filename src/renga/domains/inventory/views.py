"""Pure: a counted sku as its keepers see it."""

from collections.abc import Mapping, Sequence

from renga.domains.inventory.contract.levels import Backorder, LocationLevel, LotLevel, SkuLevels
from renga.domains.inventory.model.stock import Item, Lot
from renga.kernel.clock import rfc3339


def levels_of(item: Item, lots: Mapping[tuple[str, str], Sequence[Lot]]) -> SkuLevels:
    """Its levels by location, in order."""
    return SkuLevels(
        sku=item.sku,
        merchant=item.merchant,
        locations=tuple(
            LocationLevel(
                location=level.location,
                on_hand_milli=level.on_hand,
                reserved_milli=level.reserved,
                available_milli=level.free,
                safety_milli=level.safety,
                active=level.active,
                lots=tuple(
                    LotLevel(lot=one.lot, on_hand_milli=one.on_hand, expires_on=one.expires_on)
                    for one in lots.get((item.sku, level.location), ())
                    if one.on_hand
                ),
            )
            for _, level in sorted(item.levels.items())
        ),
        backorder=Backorder(
            kind=item.backorder,
            limit_milli=item.backorder_limit,
            from_at=None if item.from_at_ms is None else rfc3339(item.from_at_ms),
        ),
        backordered_milli=item.backordered,
        low_milli=item.low,
    )
