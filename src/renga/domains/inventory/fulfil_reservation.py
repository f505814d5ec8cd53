"""Use case: the goods of a reservation have left the shelf. Lots that expire first leave first."""

from collections import Counter

from renga.domains.inventory.access import may_reserve
from renga.domains.inventory.change_reservation import change_reservation
from renga.domains.inventory.contract import Left, NotEnoughStock, Reservation, ReservationState
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.stock import Lot, Movement
from renga.domains.inventory.ports import StockUnit
from renga.domains.inventory.recording import Recorder
from renga.kernel.caller import Caller


async def fulfil_reservation(dependencies: InventoryDependencies, caller: Caller, name: str) -> Reservation:
    """Raises what the contract says."""
    actor = may_reserve(caller)

    def effect(unit: StockUnit, recorder: Recorder, reservation: Reservation) -> Reservation:
        taken = _taken(reservation)
        _check_shelves(unit, taken)
        for (sku, location), quantity in sorted(taken.items()):
            level = unit.items[sku].levels[location]
            level.on_hand -= quantity
            level.reserved -= quantity
            for lot, part in _from_lots(unit, recorder, sku, location, quantity):
                recorder.moved(
                    Movement(
                        sku=sku, location=location, on_hand=-part, reserved=-part, reason="fulfilled", actor=actor,
                        reference=reservation.reference, reservation=reservation.id,
                        lot=lot.lot if lot else None, expires_on=lot.expires_on if lot else None,
                    )
                )  # fmt: skip
        return reservation

    return await change_reservation(dependencies, name, "fulfil", effect)


def _taken(reservation: Reservation) -> Counter[tuple[str, str]]:
    """What leaves each location. Raises ReservationState."""
    taken = Counter[tuple[str, str]]()
    for line in reservation.lines:
        for one in line.allocations:
            if one.location is None:
                raise ReservationState(f"{one.sku!r} waits for stock", state="committed")
            taken[one.sku, one.location] += one.quantity_milli
    return taken


def _check_shelves(unit: StockUnit, taken: Counter[tuple[str, str]]) -> None:
    """Raises NotEnoughStock: a count has found less than was reserved."""
    left = {}
    for (sku, location), quantity in taken.items():
        on_hand = unit.items[sku].levels[location].on_hand
        if on_hand < quantity:
            left[sku] = Left(sku=sku, wanted_milli=quantity, available_milli=on_hand)
    if left:
        raise NotEnoughStock(left)


def _from_lots(
    unit: StockUnit, recorder: Recorder, sku: str, location: str, quantity: int
) -> list[tuple[Lot | None, int]]:
    parts: list[tuple[Lot | None, int]] = []
    for lot in unit.lots.get((sku, location), ()):
        part = min(quantity, lot.on_hand)
        if part:
            lot.on_hand -= part
            recorder.changes.lots[sku, location, lot.lot] = lot
            parts.append((lot, part))
            quantity -= part
    return [*parts, (None, quantity)] if quantity else parts
