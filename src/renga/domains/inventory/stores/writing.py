"""Statements that write many rows at once: columns travel as arrays. None: there is nothing to write."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.inventory.model.stock import Item, Level, Lot, Movement
from renga.domains.inventory.ports import StoredReservation

SkuLevel = tuple[str, Level]


class Statement(msgspec.Struct, frozen=True):
    """SQL with its arguments, one array per column."""

    sql: str
    arguments: Sequence[Any]


_NEW_ITEMS = """
    INSERT INTO inventory.items (sku, merchant, version, backorder, backorder_limit, backordered, from_at_ms, low)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
"""
_CHANGED_ITEMS = """
    UPDATE inventory.items SET merchant = n.merchant, version = n.version, backorder = n.backorder,
        backorder_limit = n.backorder_limit, backordered = n.backordered, from_at_ms = n.from_at_ms, low = n.low
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
        AS n (sku, merchant, version, backorder, backorder_limit, backordered, from_at_ms, low)
    WHERE items.sku = n.sku
"""
_NEW_LEVELS = """
    INSERT INTO inventory.levels (sku, location, on_hand, reserved, safety, active)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[])
"""
_CHANGED_LEVELS = """
    UPDATE inventory.levels SET on_hand = n.on_hand, reserved = n.reserved, safety = n.safety, active = n.active
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[])
        AS n (sku, location, on_hand, reserved, safety, active)
    WHERE levels.sku = n.sku AND levels.location = n.location
"""
_NEW_RESERVATIONS = """
    INSERT INTO inventory.reservations (id, key, fingerprint, reference, state, version, created_ms, expires_ms, lines)
    SELECT id, key, fingerprint, reference, state, version, created_ms, expires_ms, lines::jsonb
    FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
        AS n (id, key, fingerprint, reference, state, version, created_ms, expires_ms, lines)
"""
_CHANGED_RESERVATIONS = """
    UPDATE inventory.reservations SET state = n.state, version = n.version, lines = n.lines::jsonb
    FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) AS n (id, state, version, lines)
    WHERE reservations.id = n.id
"""
_MOVEMENTS = """
    INSERT INTO inventory.movements
        (at_ms, sku, location, on_hand, reserved, reason, actor, reference, reservation, lot, expires_on)
    SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
        $9::uuid[], $10::text[], $11::text[]) AS n
"""
_LOTS = """
    INSERT INTO inventory.lots (sku, location, lot, expires_on, on_hand)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    ON CONFLICT (sku, location, lot) DO UPDATE SET on_hand = excluded.on_hand, expires_on = excluded.expires_on
"""
_PROMISED = """
    INSERT INTO inventory.waiting (sku, reservation, quantity)
    SELECT sku, reservation, quantity
    FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS n (sku, reservation, quantity, place) ORDER BY place
"""
_SERVED = """
    UPDATE inventory.waiting SET quantity = n.quantity
    FROM unnest($1::bigint[], $2::bigint[]) AS n (position, quantity) WHERE waiting.position = n.position
"""
_DONE = "DELETE FROM inventory.waiting WHERE position = ANY($1::bigint[])"

_encoder = msgspec.json.Encoder()


def new_items(items: Sequence[Item]) -> Statement | None:
    return Statement(_NEW_ITEMS, _item_columns(items)) if items else None


def changed_items(items: Sequence[Item]) -> Statement | None:
    return Statement(_CHANGED_ITEMS, _item_columns(items)) if items else None


def new_levels(levels: Sequence[SkuLevel]) -> Statement | None:
    return Statement(_NEW_LEVELS, _level_columns(levels)) if levels else None


def changed_levels(levels: Sequence[SkuLevel]) -> Statement | None:
    return Statement(_CHANGED_LEVELS, _level_columns(levels)) if levels else None


def new_reservations(new: Sequence[StoredReservation]) -> Statement | None:
    if not new:
        return None
    return Statement(
        _NEW_RESERVATIONS,
        (
            [UUID(one.reservation.id) for one in new],
            [one.reservation.key for one in new],
            [one.fingerprint for one in new],
            [one.reservation.reference for one in new],
            [one.reservation.state for one in new],
            [one.reservation.version for one in new],
            [one.created_ms for one in new],
            [one.expires_ms for one in new],
            [_lines(one) for one in new],
        ),
    )


def changed_reservations(changed: Sequence[StoredReservation]) -> Statement | None:
    if not changed:
        return None
    return Statement(
        _CHANGED_RESERVATIONS,
        (
            [UUID(one.reservation.id) for one in changed],
            [one.reservation.state for one in changed],
            [one.reservation.version for one in changed],
            [_lines(one) for one in changed],
        ),
    )


def movements(entries: Sequence[Movement], at_ms: int) -> Statement | None:
    if not entries:
        return None
    return Statement(
        _MOVEMENTS,
        (
            at_ms,
            [one.sku for one in entries],
            [one.location for one in entries],
            [one.on_hand for one in entries],
            [one.reserved for one in entries],
            [one.reason for one in entries],
            [one.actor for one in entries],
            [one.reference for one in entries],
            [None if one.reservation is None else UUID(one.reservation) for one in entries],
            [one.lot for one in entries],
            [one.expires_on for one in entries],
        ),
    )


def lots(changed: Mapping[tuple[str, str, str], Lot]) -> Statement | None:
    if not changed:
        return None
    keys = sorted(changed)
    return Statement(
        _LOTS,
        (
            [sku for sku, _, _ in keys],
            [location for _, location, _ in keys],
            [lot for _, _, lot in keys],
            [changed[key].expires_on for key in keys],
            [changed[key].on_hand for key in keys],
        ),
    )


def promised(new: Sequence[tuple[str, str, int]]) -> Statement | None:
    if not new:
        return None
    return Statement(_PROMISED, ([one[0] for one in new], [UUID(one[1]) for one in new], [one[2] for one in new]))


def served(waiting: Mapping[int, int]) -> Statement | None:
    rest = {position: quantity for position, quantity in waiting.items() if quantity}
    return Statement(_SERVED, (list(rest), list(rest.values()))) if rest else None


def done(waiting: Mapping[int, int]) -> Statement | None:
    ended = [position for position, quantity in waiting.items() if not quantity]
    return Statement(_DONE, (ended,)) if ended else None


def _item_columns(items: Sequence[Item]) -> tuple[list[Any], ...]:
    return (
        [one.sku for one in items],
        [one.merchant for one in items],
        [one.version for one in items],
        [one.backorder for one in items],
        [one.backorder_limit for one in items],
        [one.backordered for one in items],
        [one.from_at_ms for one in items],
        [one.low for one in items],
    )


def _level_columns(levels: Sequence[SkuLevel]) -> tuple[list[Any], ...]:
    return (
        [sku for sku, _ in levels],
        [level.location for _, level in levels],
        [level.on_hand for _, level in levels],
        [level.reserved for _, level in levels],
        [level.safety for _, level in levels],
        [level.active for _, level in levels],
    )


def _lines(stored: StoredReservation) -> str:
    return _encoder.encode(stored.reservation.lines).decode()
