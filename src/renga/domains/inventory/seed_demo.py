"""The demo's stock: every demo sku at the default location, a few of them scarce, so that scarcity can be seen."""

from renga.domains.inventory.contract import ALL_LEVELS
from renga.domains.inventory.contract.levels import DEFAULT_LOCATION, StockRow
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.import_levels import import_levels
from renga.kernel.caller import Caller

#: Units of each sku, and of the scarce ones.
USUAL = 250
SCARCE = {"GRA-PASSARO-A3": 0, "PLA-ORQUIDEA": 1, "PEN-LUA-65": 2, "TER-ORVALHO": 3}


async def seed_demo(dependencies: InventoryDependencies) -> int:
    """Returns how many skus are counted now."""
    rows = [
        StockRow(sku=sku, on_hand=SCARCE.get(sku, USUAL), location=DEFAULT_LOCATION)
        for sku in await dependencies.compositions.countable()
    ]
    report = await import_levels(dependencies, Caller.of_system("demo", ALL_LEVELS), rows)
    return report.rows
