"""Use case: a reservation belongs to an order now and does not expire any more."""

from renga.domains.inventory.access import may_reserve
from renga.domains.inventory.change_reservation import change_reservation
from renga.domains.inventory.contract import Reservation
from renga.domains.inventory.contract.events import StockCommitted
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.ports import StockUnit
from renga.domains.inventory.recording import Recorder, lines_of
from renga.kernel.caller import Caller


async def commit_reservation(dependencies: InventoryDependencies, caller: Caller, name: str) -> Reservation:
    """Levels stay as they are, so no sku is locked. Raises what the contract says."""
    may_reserve(caller)

    def effect(unit: StockUnit, recorder: Recorder, reservation: Reservation) -> Reservation:
        if held := lines_of(reservation):
            fact = StockCommitted(reservation_id=reservation.id, reference=reservation.reference, lines=held)
            recorder.says(fact, reservation.id, reservation.version)
        return reservation

    return await change_reservation(dependencies, name, "commit", effect, locks_stock=False)
