"""Records what a use case does to locked stock: movements, events, and which rows are written."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from renga.domains.inventory.contract import Reservation
from renga.domains.inventory.contract.events import BackInStock, InventoryFact, StockDepleted, StockLine, StockLow
from renga.domains.inventory.model.stock import Item, Level, Movement
from renga.domains.inventory.ports import StockChanges, StoredReservation
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.ids import IdSource

SOURCE = "renga/inventory"


class Recorder:
    """One per unit. ``items`` are the unit's working copies, which the caller changes; ``actor`` is who does it."""

    def __init__(self, items: Mapping[str, Item], now_ms: int, new_id: IdSource) -> None:
        self.items, self.now_ms = items, now_ms
        self.now = rfc3339(now_ms)
        self.changes = StockChanges(at_ms=now_ms)
        self._new_id = new_id
        self._free_before = {sku: item.free for sku, item in items.items() if item.stored}

    def moved(self, movement: Movement) -> None:
        """A level has changed by this."""
        self.changes.movements.append(movement)
        self.changes.levels.add((movement.sku, movement.location))

    def touched(self, item: Item, level: Level | None = None) -> None:
        """The item (and a level) has changed otherwise."""
        self.changes.items.add(item.sku)
        if level is not None:
            self.changes.levels.add((item.sku, level.location))

    def held(self, reservation: Reservation, *, actor: str, reason: str, sign: int = 1) -> None:
        """A reservation holds, or (sign -1) gives back, what its lines say; ``allocating.hold`` has changed the items."""
        for line in reservation.lines:
            for one in line.allocations:
                if one.location is None:
                    self.touched(self.items[one.sku])
                    continue
                self.moved(
                    Movement(
                        sku=one.sku, location=one.location, reserved=sign * one.quantity_milli, reason=reason,
                        actor=actor, reference=reservation.reference, reservation=reservation.id,
                    )
                )  # fmt: skip

    def changed(self, stored: StoredReservation, reservation: Reservation) -> StoredReservation:
        """A stored reservation is another one now."""
        after = stored.with_(reservation)
        self.changes.changed[reservation.id] = after
        return after

    def says(self, fact: InventoryFact, subject: str, sequence: int) -> None:
        """An event of this change."""
        self.changes.events.append(
            Event(
                id=self._new_id(),
                source=SOURCE,
                type=fact.TYPE,
                subject=subject,
                time=self.now,
                data=msgspec.to_builtins(fact),
                sequence=sequence,
            )
        )

    def says_of_sku(self, item: Item, fact: InventoryFact) -> None:
        """An event about a sku."""
        self.touched(item)
        self.says(fact, item.sku, item.next_version())

    def finished(self) -> StockChanges:
        """Everything to write, with the events of skus that ran out, came back or are low now. Call it once."""
        for sku, before in self._free_before.items():
            item = self.items[sku]
            after = item.free
            if after == before:
                continue
            if after == 0:
                self.says_of_sku(item, StockDepleted(sku=sku, merchant=item.merchant, backorder=item.room > 0))
            elif before == 0:
                self.says_of_sku(item, BackInStock(sku=sku, merchant=item.merchant, available_milli=after))
            if item.low is not None and after <= item.low < before:
                low = StockLow(sku=sku, merchant=item.merchant, available_milli=after, low_milli=item.low)
                self.says_of_sku(item, low)
        return self.changes


def lines_of(reservation: Reservation) -> tuple[StockLine, ...]:
    """Every counted sku of a reservation once, for its events."""
    total = Counter[str]()
    for line in reservation.lines:
        for one in line.allocations:
            total[one.sku] += one.quantity_milli
    return tuple(StockLine(sku=sku, quantity_milli=total[sku]) for sku in sorted(total))


def in_order(items: Iterable[Level]) -> list[Level]:
    """Levels as promises are served from them: by priority."""
    return sorted(items, key=lambda level: (level.place.priority, level.location))
