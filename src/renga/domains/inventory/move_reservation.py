"""Use case: what a reservation holds at one location is taken from another location instead."""

from collections import Counter

import msgspec

from renga.domains.inventory.access import may_reserve
from renga.domains.inventory.change_reservation import change_reservation
from renga.domains.inventory.contract import Left, LocationNotFound, NotEnoughStock, Reservation
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.stock import Movement
from renga.domains.inventory.ports import StockUnit
from renga.domains.inventory.recording import Recorder
from renga.domains.inventory.serve_promises import serve_promises
from renga.kernel.caller import Caller


async def move_reservation(
    dependencies: InventoryDependencies, caller: Caller, name: str, *, source: str, target: str
) -> Reservation:
    """All or nothing. Raises what the contract says; LocationNotFound also if nothing of it is at the source."""
    actor = may_reserve(caller)

    def effect(unit: StockUnit, recorder: Recorder, reservation: Reservation) -> Reservation:
        here = Counter[str]()
        for line in reservation.lines:
            for one in line.allocations:
                if one.location == source:
                    here[one.sku] += one.quantity_milli
        if not here:
            raise LocationNotFound(f"the reservation has nothing at {source[:80]!r}")
        if source != target:
            _check_target(unit, here, target)
            for sku, quantity in sorted(here.items()):
                for location, delta in ((source, -quantity), (target, quantity)):
                    unit.items[sku].levels[location].reserved += delta
                    recorder.moved(
                        Movement(
                            sku=sku, location=location, reserved=delta, reason="moved", actor=actor,
                            reference=reservation.reference, reservation=reservation.id,
                        )
                    )  # fmt: skip
        after = _relocated(reservation, source, target)
        unit.reservations[after.id] = unit.reservations[after.id].with_(after)
        for sku in sorted(here):
            serve_promises(unit, recorder, unit.items[sku], actor=actor)
        return unit.reservations[after.id].reservation  # its own promises may have been served just now

    return await change_reservation(dependencies, name, "relocate", effect)


def _check_target(unit: StockUnit, here: Counter[str], target: str) -> None:
    """Raises LocationNotFound, NotEnoughStock."""
    left = {}
    for sku, quantity in here.items():
        level = unit.items[sku].levels.get(target)
        if level is None:
            raise LocationNotFound(f"{sku!r} has no level at {target[:80]!r}")
        if level.free < quantity:
            left[sku] = Left(sku=sku, wanted_milli=quantity, available_milli=level.free)
    if left:
        raise NotEnoughStock(left)


def _relocated(reservation: Reservation, source: str, target: str) -> Reservation:
    lines = tuple(
        msgspec.structs.replace(
            line,
            allocations=tuple(
                msgspec.structs.replace(one, location=target) if one.location == source else one
                for one in line.allocations
            ),
        )
        for line in reservation.lines
    )
    return msgspec.structs.replace(reservation, lines=lines)
