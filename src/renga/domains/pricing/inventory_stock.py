"""``StockAvailability`` from the inventory."""

from collections.abc import Mapping, Sequence

from renga.domains.inventory.contract import AVAILABILITY_MAX, Available, Stock


class InventoryStock:
    """What is counted, in stock or to order."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    async def available(self, skus: Sequence[str]) -> Mapping[str, int | None]:
        found: dict[str, int | None] = {}
        for start in range(0, len(skus), AVAILABILITY_MAX):
            counted = await self._stock.availability(skus[start : start + AVAILABILITY_MAX])
            found |= {sku: _sellable(one) for sku, one in counted.items()}
        return found


def _sellable(available: Available) -> int | None:
    if not available.backorder:
        return available.available_milli
    return None if available.backorder_milli is None else available.available_milli + available.backorder_milli
