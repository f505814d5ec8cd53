"""Reads rows of the inventory's tables as its values."""

from collections.abc import Iterable
from typing import Any

import msgspec

from renga.domains.inventory.contract import Reservation, ReservedLine
from renga.domains.inventory.model.stock import Item, Level, StockPlace
from renga.domains.inventory.ports import StoredReservation
from renga.kernel.clock import rfc3339

ITEM_COLUMNS = "sku, merchant, version, backorder, backorder_limit, backordered, from_at_ms, low"
LEVELS = """
    SELECT l.sku, l.location, l.on_hand, l.reserved, l.safety, l.active, p.priority, p.country, p.region, p.postal_code
    FROM inventory.levels l JOIN inventory.locations p ON p.code = l.location WHERE l.sku = ANY($1::text[])
"""
#: Both in one statement, which is one snapshot: an item is on as many rows as it has levels.
WHOLE_ITEMS = """
    SELECT i.sku, i.merchant, i.version, i.backorder, i.backorder_limit, i.backordered, i.from_at_ms, i.low,
        l.location, l.on_hand, l.reserved, l.safety, l.active, p.priority, p.country, p.region, p.postal_code
    FROM inventory.items i JOIN inventory.levels l ON l.sku = i.sku JOIN inventory.locations p ON p.code = l.location
    WHERE i.sku = ANY($1::text[])
"""
RESERVATION_COLUMNS = "id, key, fingerprint, reference, state, version, created_ms, expires_ms, lines::text AS lines"

_lines = msgspec.json.Decoder(tuple[ReservedLine, ...])


def items_of(items: Iterable[Any], levels: Iterable[Any]) -> dict[str, Item]:
    """Items with their levels, from rows of both tables."""
    found = {row[0]: _item(row) for row in items}
    for row in levels:
        if (item := found.get(row[0])) is not None:
            item.levels[row[1]] = _level(row)
    return found


def _item(row: Any) -> Item:
    sku, merchant, version, backorder, limit, backordered, from_at_ms, low = row
    return Item(
        sku=sku, merchant=merchant, version=version, backorder=backorder, backorder_limit=limit,
        backordered=backordered, from_at_ms=from_at_ms, low=low, levels={}, stored=True,
    )  # fmt: skip


def _level(row: Any) -> Level:
    _, location, on_hand, reserved, safety, active, priority, country, region, postal_code = row
    place = StockPlace(code=location, priority=priority, country=country, region=region, postal_code=postal_code)
    return Level(place=place, on_hand=on_hand, reserved=reserved, safety=safety, active=active, stored=True)


def reservation_of(row: Any) -> StoredReservation:
    """A stored reservation, from a row of RESERVATION_COLUMNS."""
    reservation = Reservation(
        id=str(row["id"]),
        key=row["key"],
        reference=row["reference"],
        state=row["state"],
        version=row["version"],
        created_at=rfc3339(row["created_ms"]),
        expires_at=rfc3339(row["expires_ms"]),
        lines=_lines.decode(row["lines"]),
    )
    return StoredReservation(
        reservation=reservation,
        fingerprint=row["fingerprint"],
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
    )
