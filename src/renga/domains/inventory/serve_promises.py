"""Stock that becomes free goes first to the promises (backorders and preorders) that wait for it, the oldest first."""

import msgspec

from renga.domains.inventory.contract import Allocation, Reservation
from renga.domains.inventory.model.stock import Item, Level, Movement, Waiting
from renga.domains.inventory.ports import StockUnit
from renga.domains.inventory.recording import Recorder, in_order


def serve_promises(unit: StockUnit, recorder: Recorder, item: Item, *, actor: str) -> None:
    """Allocates what is free of the item to its promises; their reservations now name the location."""
    for level in in_order(item.levels.values()):
        for one in unit.waiting.get(item.sku, ()):
            given = min(level.free, one.quantity)
            if given:
                _give(unit, recorder, item, level, one, given, actor)


def _give(
    unit: StockUnit, recorder: Recorder, item: Item, level: Level, waiting: Waiting, given: int, actor: str
) -> None:
    stored = recorder.changes.changed.get(waiting.reservation) or unit.reservations[waiting.reservation]
    after = located(stored.reservation, item.sku, level.location, given)
    unit.reservations[waiting.reservation] = recorder.changed(stored, after)
    waiting.quantity -= given
    recorder.changes.waiting[waiting.position] = waiting.quantity
    item.backordered -= given
    level.reserved += given
    recorder.touched(item)
    recorder.moved(
        Movement(
            sku=item.sku, location=level.location, reserved=given, reason="allocated", actor=actor,
            reference=after.reference, reservation=after.id,
        )
    )  # fmt: skip


def located(reservation: Reservation, sku: str, location: str, quantity_milli: int) -> Reservation:
    """The reservation with so much of its promises of a sku taken from a location."""
    lines, rest = [], quantity_milli
    for line in reservation.lines:
        allocations: list[Allocation] = []
        for one in line.allocations:
            given = min(rest, one.quantity_milli) if one.sku == sku and one.location is None else 0
            rest -= given
            if given:
                allocations.append(Allocation(sku=sku, quantity_milli=given, location=location))
            if given < one.quantity_milli:
                allocations.append(msgspec.structs.replace(one, quantity_milli=one.quantity_milli - given))
        lines.append(msgspec.structs.replace(line, allocations=tuple(allocations)))
    assert rest == 0, "a promise is part of its reservation"
    return msgspec.structs.replace(reservation, lines=tuple(lines), version=reservation.version + 1)
