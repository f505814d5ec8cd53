"""Shared by the use cases that change what is on hand: one locked sku gets other numbers, and everybody is told."""

import msgspec

from renga.domains.inventory.contract.events import StockAdjusted, StockReceived
from renga.domains.inventory.model.stock import Item, Level, Lot, Movement, StockPlace
from renga.domains.inventory.ports import StockUnit
from renga.domains.inventory.recording import Recorder
from renga.domains.inventory.serve_promises import serve_promises


class LevelChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of what is on hand at a place (0: of its terms alone), why, by whom, of which lot."""

    sku: str
    place: StockPlace
    delta: int
    reason: str
    actor: str
    reference: str = ""
    lot: str | None = None
    expires_on: str | None = None


def item_at(unit: StockUnit, sku: str, merchant: str, place: StockPlace) -> tuple[Item, Level]:
    """The working copies, new ones if the sku is not counted there yet."""
    item = unit.items.get(sku)
    if item is None:
        item = unit.items[sku] = Item(sku=sku, merchant=merchant, levels={})
    item.merchant = merchant
    level = item.levels.get(place.code)
    if level is None:
        level = item.levels[place.code] = Level(place=place)
    return item, level


def change_level(unit: StockUnit, recorder: Recorder, item: Item, level: Level, change: LevelChange) -> None:
    """Applies a change; the caller has checked that what is on hand does not become negative."""
    level.on_hand += change.delta
    recorder.touched(item, level)
    if change.delta:
        _change_lot(unit, recorder, change)
        recorder.moved(
            Movement(
                sku=item.sku, location=level.location, on_hand=change.delta, reason=change.reason, actor=change.actor,
                reference=change.reference, lot=change.lot, expires_on=change.expires_on,
            )
        )  # fmt: skip
    serve_promises(unit, recorder, item, actor=change.actor)
    kind = StockReceived if change.delta > 0 or not level.stored else StockAdjusted
    fact = kind(
        sku=item.sku, merchant=item.merchant, location=level.location, quantity_milli=change.delta,
        available_milli=item.free, backorder=item.room > 0,
    )  # fmt: skip
    recorder.says_of_sku(item, fact)


def _change_lot(unit: StockUnit, recorder: Recorder, change: LevelChange) -> None:
    """A named lot changes; of what goes without a name, the lots that expire first are taken when the rest is not enough."""
    lots = unit.lots.setdefault((change.sku, change.place.code), [])
    if change.lot is not None:
        lot = next((one for one in lots if one.lot == change.lot), None)
        if lot is None:
            lot = Lot(lot=change.lot, expires_on=change.expires_on, on_hand=0)
            lots.append(lot)
        lot.on_hand = max(0, lot.on_hand + change.delta)
        recorder.changes.lots[change.sku, change.place.code, lot.lot] = lot
        return
    over = sum(lot.on_hand for lot in lots) - unit.items[change.sku].levels[change.place.code].on_hand
    for lot in lots:
        if over <= 0:
            break
        gone = min(over, lot.on_hand)
        lot.on_hand -= gone
        over -= gone
        recorder.changes.lots[change.sku, change.place.code, lot.lot] = lot
