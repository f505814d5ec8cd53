"""Use cases: a reservation is given back by its holder, or expires at its deadline."""

from renga.domains.inventory.access import may_reserve
from renga.domains.inventory.change_reservation import Effect, change_reservation, give_back
from renga.domains.inventory.contract import ReleaseReason, Reservation
from renga.domains.inventory.contract.events import StockReleased
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.ports import StockUnit
from renga.domains.inventory.recording import Recorder, lines_of
from renga.kernel.caller import Caller

#: Who gives back what nobody committed in time.
SWEEPER = "system:inventory"


async def release_reservation(dependencies: InventoryDependencies, caller: Caller, name: str) -> Reservation:
    """Raises what the contract says."""
    actor = may_reserve(caller)
    return await change_reservation(dependencies, name, "release", _giving_back(actor, "released"))


async def expire_reservation(dependencies: InventoryDependencies, name: str) -> Reservation:
    """Nothing happens if it was committed or released meanwhile. Raises ReservationNotFound."""
    return await change_reservation(dependencies, name, "expire", _giving_back(SWEEPER, "expired"))


def _giving_back(actor: str, reason: ReleaseReason) -> Effect:
    def effect(unit: StockUnit, recorder: Recorder, reservation: Reservation) -> Reservation:
        give_back(unit, recorder, reservation, actor=actor, reason=reason)
        if held := lines_of(reservation):
            fact = StockReleased(
                reservation_id=reservation.id, reference=reservation.reference, lines=held, reason=reason
            )
            recorder.says(fact, reservation.id, reservation.version)
        return reservation

    return effect
