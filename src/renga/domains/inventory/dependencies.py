"""What the use cases of the inventory need."""

import msgspec

from renga.domains.inventory.ports import Compositions, StockRegister, StockStore, StockUnit
from renga.domains.inventory.recording import Recorder
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


class InventoryDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """The store, what the catalogue knows about skus, the clock and the id source."""

    store: StockStore
    register: StockRegister
    compositions: Compositions
    clock: Clock
    new_id: IdSource

    def recorder(self, unit: StockUnit) -> Recorder:
        """A recorder of what is done to this unit now."""
        return Recorder(unit.items, self.clock.now_ms(), self.new_id)
