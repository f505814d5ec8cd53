"""``StockLevels`` from the inventory: its thousandths as whole pieces."""

from collections.abc import Mapping, Sequence

from renga.domains.cart.ports import Sellable
from renga.domains.inventory.contract import Available, Stock

#: Thousandths of a unit in one piece.
_PIECE_MILLI = 1_000


class InventoryLevels:
    """What is counted, in stock or to order."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    async def sellable(self, skus: Sequence[str]) -> Mapping[str, Sellable]:
        counted = await self._stock.availability(skus)
        return {sku: Sellable(_pieces(one)) for sku, one in counted.items()}


def _pieces(available: Available) -> int | None:
    if not available.backorder:
        return available.available_milli // _PIECE_MILLI
    if available.backorder_milli is None:
        return None
    return (available.available_milli + available.backorder_milli) // _PIECE_MILLI
