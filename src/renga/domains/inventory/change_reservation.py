"""Shared by the use cases that move a reservation to another state: read, lock, decide, write."""

from collections.abc import Callable

import msgspec

from renga.domains.inventory.contract import Reservation, ReservationNotFound
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.allocating import hold
from renga.domains.inventory.model.states import Move, next_state
from renga.domains.inventory.ports import StockUnit, StoredReservation
from renga.domains.inventory.recording import Recorder
from renga.domains.inventory.serve_promises import serve_promises

#: What a move does to the stock; returns the reservation after it, in its new state.
Effect = Callable[[StockUnit, Recorder, Reservation], Reservation]


async def find_reservation(dependencies: InventoryDependencies, name: str) -> StoredReservation:
    """Raises ReservationNotFound."""
    stored = await dependencies.store.find(name)
    if stored is None:
        raise ReservationNotFound(f"there is no reservation {name[:80]!r}")
    return stored


async def change_reservation(
    dependencies: InventoryDependencies, name: str, move: Move, effect: Effect, *, locks_stock: bool = True
) -> Reservation:
    """The reservation after the move, or as it is if the move was made before. Raises ReservationNotFound, ReservationState."""
    found = await find_reservation(dependencies, name)
    if next_state(found.reservation.state, move) is None:
        return found.reservation
    identifier = found.reservation.id
    skus = found.skus if locks_stock else []
    async with dependencies.store.unit(skus, reservations=[identifier], lots=move == "fulfil") as unit:
        stored = unit.reservations[identifier]
        state = next_state(stored.reservation.state, move)
        if state is None:
            return stored.reservation
        recorder = dependencies.recorder(unit)
        moved = msgspec.structs.replace(stored.reservation, state=state, version=stored.reservation.version + 1)
        after = effect(unit, recorder, moved)
        recorder.changed(stored, after)
        await unit.write(recorder.finished())
    return after


def give_back(unit: StockUnit, recorder: Recorder, reservation: Reservation, *, actor: str, reason: str) -> None:
    """What the reservation holds becomes free, and goes to the promises that wait for it."""
    hold(unit.items, reservation.lines, sign=-1)
    recorder.held(reservation, actor=actor, reason=reason, sign=-1)
    skus = dict.fromkeys(one.sku for line in reservation.lines for one in line.allocations)
    for sku in skus:
        own = [one for one in unit.waiting.get(sku, ()) if one.reservation == reservation.id]
        for one in own:
            one.quantity = 0
            recorder.changes.waiting[one.position] = 0
        serve_promises(unit, recorder, unit.items[sku], actor=actor)
